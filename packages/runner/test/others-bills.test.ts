import { join } from 'node:path';
import type { PriceFormula, StatusResult, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreseeRun, retry } from '../src/index.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { ASSUMED, budgetOf, cap, closeGate, priced } from '../testing/budgets.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

const LANGUAGES = ['de', 'fr', 'ja', 'it', 'es'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

const perSecond = (micros: number, minimumSeconds = 5): PriceFormula => ({
  kind: 'per-second',
  microsPerSecond: { any: micros },
  minimumSeconds,
  source: ASSUMED,
});
const clock = { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined };
const accept = (name = 'spring') =>
  retry({ store: batch.store, batch: name, clock, host: 'test' }, { only: () => true, uncertain: false });
const one = () => ({ ...batch.plan([]).providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } });
/** The batch whose price the bill disproves: 0.20 for five seconds, billed at 0.60. */
const disproved = (languages: string[], price = perSecond(40_000)) =>
  priced(batch, price, languages, { budget: budgetOf([cap({ kind: 'all' }, 5_000_000)]), providers: { acme: one() } });
const other = (price: PriceFormula, micros = 1_000_000) =>
  priced(batch, price, ['ja', 'it', 'es'], {
    batch: 'autumn',
    budget: budgetOf([cap({ kind: 'all' }, micros)]),
    providers: { acme: one() },
  });
const run = (plan: WholePlan) => batch.run({ manifestPath: join(batch.dir, `${plan.batch}.yaml`) }, plan);
const reserved = () => Array.from(batch.store.db.select().from(attempts).all(), (row) => row.reservedMicros);
const placed = (plan: WholePlan) =>
  foreseeRun(batch.store, plan, { caps: plan.budget.caps, wanted: () => true, nowMs: Date.now() });

describe('a bill above one batch’s price', () => {
  beforeEach(async () => {
    batch.scripted.nextPrices.push(...LANGUAGES.map(() => 600_000));
    expect((await run(disproved(['de', 'fr']))).exit).toBe(1);
    expect(reserved()).toEqual([200_000]);
  });

  it.each([
    ['lower', perSecond(30_000)],
    ['higher, and still too low', perSecond(50_000)],
    ['written otherwise', perSecond(200_000, 1)],
  ])(
    'closes the route in another whose own price for the same comes to less than was billed: %s',
    async (is, price) => {
      const covers = is === 'written otherwise';
      const plan = other(price, 9_000_000);
      const { blocked, notes } = await placed(plan);
      expect(blocked.size).toBe(covers ? 0 : 3);
      if (covers) return;
      expect(notes.join()).not.toContain('expected at');
      expect((await run(plan)).exit).toBe(1);
      expect(batch.scripted.starts).toHaveLength(1);
      const [job] = budgeted(batch.store, batch.snapshot('autumn'), plan).jobs;
      expect(job).toMatchObject({ state: 'held', reason: expect.stringContaining('it billed $0.60 for keynote/de') });
    },
  );

  it('leaves one alone whose own price covers it, and one that it made set such a price', async () => {
    expect((await run(other(perSecond(120_000), 5_000_000))).exit).toBe(0);
    expect((await run(disproved(['de', 'fr'], perSecond(50_000)))).exit).toBe(1);
    expect((await run(disproved(['de', 'fr'], perSecond(120_000)))).exit).toBe(0);
    expect(reserved()).toEqual([200_000, 600_000, 600_000, 600_000, 600_000]);
  });

  it('raises every lower price, once it is accepted, and passes no cap', async () => {
    await accept();
    const plan = other(perSecond(50_000));
    const { plan: expected, waiting } = await placed(plan);
    const estimates = [...expected.jobs].map(({ choices: [choice] }) => choice?.estimate.micros);
    expect([estimates, waiting.size]).toEqual([[600_000, 600_000, 600_000], 2]);
    expect((await run(plan)).exit).toBe(3);
    expect(reserved()).toEqual([200_000, 600_000]);
    const covered = await placed(other(perSecond(130_000), 5_000_000));
    expect([...covered.plan.jobs].map(({ choices: [choice] }) => choice?.estimate.micros)).toContain(650_000);
    expect(covered.notes).toEqual([]);
  });

  it('holds jobs no longer once it is accepted: these are told as the next run buys them, which they wait for', async () => {
    const plan = other(perSecond(30_000), 1_300_000);
    expect((await run(plan)).exit).toBe(1);
    const shown = () => budgeted(batch.store, batch.snapshot('autumn'), plan).jobs;
    expect(shown().map(({ waitsForAmount }) => waitsForAmount)).toEqual(['person', 'person', 'person']);
    await accept();
    expect(shown()).toMatchObject([
      { state: 'held', estimateMicros: 600_000, reason: expect.stringContaining('the next run buys it') },
      { estimateMicros: 600_000, mend: 'localize manifest.yaml' },
      { estimateMicros: 600_000, waitsForMoney: { neededMicros: 600_000 }, mend: expect.stringMatching(/^raise /) },
    ]);
    expect(shown().filter(({ waitsForAmount }) => waitsForAmount)).toEqual([]);
    expect((await run(plan)).exit).toBe(3);
    expect(reserved()).toEqual([200_000, 600_000, 600_000]);
    expect(shown().map(({ estimateMicros }) => estimateMicros)).toEqual([600_000, 600_000, 600_000]);
  });

  it('has both ways out told of jobs that wait for its route', async () => {
    const plan = other(perSecond(30_000));
    await batch.run({ manifestPath: join(batch.dir, 'autumn.yaml'), only: () => false }, plan);
    const [job] = budgeted(batch.store, batch.snapshot('autumn'), plan).jobs;
    expect([job?.waitsForAmount, job?.mend]).toEqual([
      'person',
      'set its price in manifest.yaml, then: localize manifest.yaml | accept what it billed: localize retry manifest.yaml',
    ]);
  });

  it('is compared by the highest of several', async () => {
    await accept();
    batch.scripted.nextPrices.splice(0, 9, 900_000, 900_000);
    expect((await run(disproved(['de', 'fr', 'ja']))).exit).toBe(1);
    expect((await placed({ ...other(perSecond(150_000), 9_000_000), batch: 'autumn' })).blocked.size).toBe(3);
    expect((await placed({ ...other(perSecond(180_000), 9_000_000), batch: 'autumn' })).blocked.size).toBe(0);
  });
});

describe('a still higher bill that is accepted while a run is at work', () => {
  it('is what the jobs that are left need from then on', async () => {
    batch.scripted.nextPrices.push(600_000);
    await run(disproved(['de', 'fr']));
    await accept();
    const openGate = closeGate(batch);
    const running = run(other(perSecond(40_000), 1_100_000));
    await expect.poll(() => batch.scripted.starts.length).toBe(2);
    batch.store.sqlite.exec('UPDATE accepted_prices SET billed_micros = 900000');
    batch.scripted.nextPrices.push(600_000);
    openGate();
    expect((await running).exit).toBe(3);
    const met = batch.events.flatMap((event) => (event.type === 'budget:met' ? [event.message] : []));
    expect(met).toEqual([expect.stringContaining('the cheapest job left needs $0.90, and it leaves $0.50')]);
  });
});

describe('what was in flight when a bill was accepted', () => {
  it.each([
    ['no more where it is billed as was accepted', 600_000, 0],
    ['again where it is billed more', 900_000, 1],
  ])('closes the route %s', async (_, micros, exit) => {
    const acme = { ...one(), limits: { creates: 100, perMs: 60_000, concurrent: 2 } };
    const plan = { ...disproved(['de', 'fr', 'ja']), providers: { acme } };
    const { statuses, provider, starts } = batch.scripted;
    const done = await provider.status(scriptedRoute, { id: 'any' }, {} as never);
    const bill = (id: string, costMicros: number) => statuses.set(id, { ...done, costMicros } as StatusResult);
    const pending: StatusResult = { state: 'pending', phase: 'running' };
    for (const id of ['prediction-1', 'prediction-2']) statuses.set(id, pending);
    const stop = new AbortController();
    const running = batch.run({ stop: stop.signal }, plan);
    await expect.poll(() => starts.length).toBe(2);
    bill('prediction-1', 600_000);
    await expect.poll(() => batch.snapshot().jobs.at(-1)?.holdReason).toBe('price-risen');
    stop.abort();
    await running;
    await accept();
    bill('prediction-2', micros);
    bill('prediction-3', 600_000);
    const only = (key: string) => key !== 'keynote/ja';
    await batch.run({ only }, plan);
    expect((await batch.run({}, plan)).exit).toBe(exit);
    expect(reserved()).toEqual([200_000, 200_000, ...(exit === 0 ? [600_000] : [])]);
  });
});
