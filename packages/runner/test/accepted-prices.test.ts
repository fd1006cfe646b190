import { join } from 'node:path';
import { type Plan, type PriceFormula, withEachJob } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreseeRun, openStore, readSnapshot, retry } from '../src/index.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { ASSUMED, budgetedJob, budgetOf, cap, priced } from '../testing/budgets.js';

const LANGUAGES = ['de', 'fr', 'ja', 'it', 'es', 'pt'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

/** 0.20 for the five seconds of each job. */
const stated: PriceFormula = {
  kind: 'per-second',
  microsPerSecond: { any: 40_000 },
  minimumSeconds: 5,
  source: ASSUMED,
};
const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
const clock = { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined };
const accept = (name = 'spring') =>
  retry({ store: batch.store, batch: name, clock, host: 'test' }, { only: () => true, uncertain: false });
const bills = (micros: number, count = LANGUAGES.length) =>
  batch.scripted.nextPrices.push(...Array.from({ length: count }, () => micros));
const reserved = () =>
  batch.store.db
    .select()
    .from(attempts)
    .all()
    .map(({ reservedMicros }) => reservedMicros);
const foreseen = (plan: Parameters<BatchFixture['run']>[1] & object) =>
  foreseeRun(batch.store, plan, { caps: [], wanted: () => true, nowMs: Date.now() });

describe('a route that billed more than its price says, which was accepted', () => {
  it('is reserved at what it billed from then on, so that no cap is passed', async () => {
    bills(600_000);
    const plan = priced(batch, stated, LANGUAGES, { budget });
    expect((await batch.run({ only: (key) => key === 'keynote/de' }, plan)).exit).toBe(0);
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    expect((await accept()).reopened).toEqual([
      { route: 'acme/lips', bill: expect.objectContaining({ billedMicros: 600_000, estimateMicros: 200_000 }) },
    ]);
    const { plan: expected, notes } = await foreseen(plan);
    const choices = [...expected.jobs].map(({ choices: [choice] }) => choice?.estimate);
    expect(choices).toContainEqual({ micros: 600_000, certainty: 'seen', billedSeconds: 5 });
    expect(notes.join('\n')).toContain(
      'acme/lips is expected at what it billed, which you have accepted: $0.60 for what its price puts at $0.20',
    );
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({ estimateMicros: 600_000 });
    expect((await batch.run({}, plan)).exit).toBe(3);
    expect(reserved()).toEqual([200_000, 600_000, 600_000]);
    // Of what is bought the estimate stays what the plan said of it then.
    const estimates = batch.snapshot().jobs.map(({ estimateMicros }) => estimateMicros);
    expect(estimates).toEqual([200_000, ...Array(5).fill(600_000)]);
  });

  it('is so in every batch of the state, and over a restart', async () => {
    bills(600_000);
    const others = { budget, batch: 'autumn' };
    await batch.run({}, priced(batch, stated, ['de'], { budget }));
    await batch.run({}, priced(batch, stated, ['de', 'fr'], { budget }));
    await accept();
    batch.reopen();
    const store = openStore(batch.store.path);
    const manifestPath = join(batch.dir, 'autumn.yaml');
    const outcome = await batch.run({ store, manifestPath }, priced(batch, stated, LANGUAGES.slice(2), others));
    store.close();
    expect(outcome.exit).toBe(3);
    expect(reserved()).toEqual([200_000, 600_000, 600_000, 600_000]);
  });

  it.each([
    ['closed', false],
    ['reserved at what it billed', true],
  ])('stays %s, whatever a run of another batch has as its price', async (_, isAccepted) => {
    bills(600_000, 1);
    const plan = priced(batch, stated, LANGUAGES, { budget });
    await batch.run({ only: (key) => key === 'keynote/de' }, plan);
    await batch.run({}, plan);
    if (isAccepted) await accept();
    const manifestPath = join(batch.dir, 'autumn.yaml');
    for (const other of [{ ...stated, microsPerSecond: { any: 120_000 } }, { kind: 'unknown' } as const]) {
      const price = { ...other, source: ASSUMED } as PriceFormula;
      // At a price of its own it buys; its bill is within that.
      if (price.kind !== 'unknown') bills(600_000, 1);
      const jobs = priced(batch, price, price.kind === 'unknown' ? [] : ['pl'], { budget, batch: 'autumn' });
      expect((await batch.run({ manifestPath }, jobs)).exit).toBe(0);
    }
    expect((await batch.run({}, plan)).exit).toBe(isAccepted ? 3 : 1);
    expect(reserved()).toEqual(isAccepted ? [200_000, 600_000, 600_000, 600_000] : [200_000, 600_000]);
  });

  it('goes by the manifest again once that has another price', async () => {
    bills(600_000, 1);
    await batch.run({}, priced(batch, stated, ['de'], { budget }));
    await batch.run({}, priced(batch, stated, ['de', 'fr'], { budget }));
    await accept();
    const repriced = priced(batch, { ...stated, microsPerSecond: { any: 130_000 } }, ['de', 'fr'], { budget });
    const about = { batch: 'spring', manifest: 'manifest.yaml', emulated: false, nowMs: Date.now() };
    const shown = (prices?: Plan['prices']) =>
      readSnapshot(batch.store, { ...about, ...(prices && { prices }) })?.jobs.at(-1)?.estimateMicros;
    expect([shown(), shown(repriced.prices)]).toEqual([600_000, 200_000]);
    const { plan: expected, notes } = await foreseen(repriced);
    expect([...expected.jobs].map(({ choices: [choice] }) => choice?.estimate.micros)).toContain(650_000);
    expect(notes).toEqual([]);
    expect((await batch.run({}, repriced)).exit).toBe(0);
    expect(reserved()).toEqual([200_000, 650_000]);
  });

  it('takes a still higher bill in, once that is accepted too', async () => {
    const one = { ...batch.plan([]).providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } };
    const plan = priced(batch, stated, LANGUAGES, {
      budget: budgetOf([cap({ kind: 'all' }, 9_000_000)]),
      providers: { acme: one },
    });
    batch.scripted.nextPrices.push(600_000, 600_000, 900_000, 200_000, 200_000, 200_000);
    expect((await batch.run({}, plan)).exit).toBe(1);
    await accept();
    expect((await batch.run({}, plan)).exit).toBe(1);
    await accept();
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(reserved()).toEqual([200_000, 600_000, 600_000, 900_000, 900_000, 900_000]);
  });

  it('lets what is not billed yet count at it, too', async () => {
    batch.scripted.nextStarts.push('uncertain');
    bills(600_000, 1);
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const plan = priced(batch, stated, LANGUAGES.slice(0, 3), { budget });
    await batch.run({ ...overrides, only: (key) => key === 'keynote/de' }, plan);
    await batch.run({ ...overrides, only: (key) => key === 'keynote/fr' }, plan);
    await batch.run(overrides, plan);
    await accept();
    expect(batch.store.db.select().from(attempts).all()[0]).toMatchObject({
      estimateMicros: 200_000,
      expectedMicros: 600_000,
    });
  });

  it('is raised by as much where the tool’s own measure of the length counts', async () => {
    bills(600_000, 1);
    await batch.run({}, priced(batch, stated, ['de'], { budget }));
    const plan = priced(batch, stated, ['de', 'fr'], { budget });
    await batch.run({}, plan);
    await accept();
    const measured = { micros: 400_000, certainty: 'exact', billedSeconds: 10 } as const;
    const jobs = withEachJob(plan.jobs, (job) => ({
      ...job,
      choices: job.choices.map((each) => ({ ...each, measured })),
    }));
    expect((await batch.run({}, { ...plan, jobs: [...jobs] })).exit).toBe(0);
    expect(reserved()).toEqual([200_000, 1_200_000]);
  });
});
