import { join } from 'node:path';
import { costTotals, type PriceFormula } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, openStore, readLanes, readSnapshot, retry, settle } from '../src/index.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { ASSUMED, budgetedJob, budgetOf, cap, closeGate, priced } from '../testing/budgets.js';
import { scriptedRoute } from '../testing/scripted-provider.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});
afterEach(() => batch.close());

const jobOf = (key: string) => batch.snapshot().jobs.find((job) => job.key === key);
const problems = () =>
  batch.events.flatMap((event) => (event.type === 'problem' || event.type === 'budget:met' ? [event.message] : []));

describe('a route of which only a floor price is known', () => {
  const floor: PriceFormula = { kind: 'floor', micros: 170_000, source: ASSUMED };

  it('sends one create until its reply says the price, then reserves at the price a second that was seen', async () => {
    const openGate = closeGate(batch);
    batch.scripted.nextPrices.push(400_000, 400_000, 400_000);
    const budget = budgetOf([cap({ kind: 'all' }, 900_000)]);
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget });
    const running = batch.run({}, plan);
    await expect.poll(() => batch.scripted.starts.length).toBe(1);
    // The loop has had its chance: jobs are staged, and nothing else leaves.
    await expect.poll(() => batch.snapshot().jobs.filter(({ state }) => state === 'staging').length).toBe(2);
    expect(batch.scripted.starts).toHaveLength(1);
    const lanes = (isCapped: boolean) =>
      readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs(), batch: 'spring', isCapped });
    expect([lanes(true)[0]!.wait, lanes(false)[0]!.wait]).toEqual([{ for: 'price' }, { for: 'job' }]);
    const waiting = budgeted(batch.store, batch.snapshot(), plan).jobs.filter((job) => job.waitsForAmount === 'reply');
    expect(waiting.map(({ key }) => key)).toEqual(['keynote/fr', 'keynote/ja']);
    expect(waiting[0]?.reason).toContain('acme/lips has only a minimum for its price');
    openGate();
    // 400 + 400 leave 100, and the floor of 170 would have fitted a third time if it had been believed.
    expect(await running).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(2);
    const [first, second] = batch.store.db.select().from(attempts).all();
    expect(first).toMatchObject({ estimateMicros: 170_000, reservedMicros: null });
    expect(second).toMatchObject({ estimateMicros: 400_000, reservedMicros: 400_000 });
    const unbought = batch.snapshot().jobs.filter(({ state }) => state === 'pending' || state === 'staging');
    expect(unbought.map(({ estimateMicros }) => estimateMicros)).toEqual([400_000]);
  });

  it('keeps waiting only the jobs whose price is not known: those of the provider’s other routes go on', async () => {
    const openGate = closeGate(batch);
    const languages = Array.from({ length: 40 }, (_, index) => `x-${String(index).padStart(2, '0')}`);
    const other = 'acme/mouths';
    const known = ['x-05', 'x-38', 'x-39'].map((language) => `keynote/${language}`);
    const plan = priced(batch, floor, languages, { budget: budgetOf([cap({ kind: 'all' }, 100_000_000)]) });
    const { estimate } = batch.plan(['de']).jobs[0]!.choices[0]!;
    const jobs = plan.jobs.map((job) => {
      if (!known.includes(job.key)) return job;
      return { ...job, choices: job.choices.map((choice) => ({ ...choice, route: other, estimate })) };
    });
    const catalogue = { ...batch.scripted.catalogue, routes: [scriptedRoute, { ...scriptedRoute, id: other }] };
    batch.scripted.nextPrices.push(...languages.map(() => 200_000));
    const running = batch.run(
      { catalogue },
      { ...plan, jobs, prices: { ...plan.prices, [other]: scriptedRoute.price } },
    );
    await expect.poll(() => batch.scripted.starts.length).toBe(4);
    const bought = batch.snapshot().jobs.filter(({ attempts }) => attempts.length > 0);
    expect(bought.map(({ key }) => key)).toEqual(['keynote/x-00', ...known]);
    openGate();
    expect((await running).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(40);
  });

  it('is waited for by another process, too', async () => {
    const openGate = closeGate(batch);
    batch.scripted.nextPrices.push(200_000, 200_000, 200_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const first = batch.run({}, priced(batch, floor, ['de'], { budget }));
    await expect.poll(() => batch.scripted.starts.length).toBe(1);
    const store = openStore(batch.store.path);
    const manifestPath = join(batch.dir, 'autumn.yaml');
    const second = batch.run({ store, manifestPath }, priced(batch, floor, ['fr', 'ja'], { budget, batch: 'autumn' }));
    await expect
      .poll(() => readLanes(store, { nowMs: bootClock(store).nowMs(), batch: 'autumn', isCapped: true })[0]?.wait)
      .toEqual({
        for: 'price',
      });
    expect(batch.scripted.starts).toHaveLength(1);
    openGate();
    expect([(await first).exit, (await second).exit]).toEqual([0, 0]);
    store.close();
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('sends no second create while the reply of the first is lost, and says who can settle that', async () => {
    batch.scripted.nextStarts.push('uncertain');
    batch.scripted.nextPrices.push(400_000, 400_000);
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget });
    const settle =
      'localize settle manifest.yaml keynote/de --prediction <its id at acme> | --not-bought | --charged <what it cost in USD> | --abandon';
    expect((await batch.run({ ...overrides, only: (key) => key !== 'keynote/ja' }, plan)).exit).toBe(1);
    const reason = expect.stringContaining('the reply to keynote/de of batch spring, which was to tell its price');
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({
      state: 'held',
      holdReason: 'price-lost',
      reason,
      mend: settle,
    });
    const waitsForAmount = 'person';
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({ waitsForAmount });
    expect(budgetedJob(batch, plan, 'keynote/ja')).toMatchObject({
      state: 'pending',
      reason,
      mend: settle,
      waitsForAmount,
    });
    const other = priced(batch, floor, ['fr'], { budget, batch: 'autumn' });
    // Whatever amount was agreed to: a yes to more would not lift it.
    const asked = { ...overrides, manifestPath: join(batch.dir, 'autumn.yaml'), agreedMicros: 10_000_000 };
    expect((await batch.run(asked, other)).exit).toBe(1);
    const seen = readSnapshot(batch.store, { batch: 'autumn', manifest: 'a.yaml', emulated: false, nowMs: 0 });
    const elsewhereSettle = settle.replace('manifest.yaml', join(batch.dir, 'manifest.yaml'));
    expect(seen?.jobs).toMatchObject([{ state: 'held', holdReason: 'price-lost', reason, mend: elsewhereSettle }]);
    expect(batch.scripted.starts).toHaveLength(1);
    const { store } = batch;
    const actions = {
      store,
      batch: 'spring',
      clock: { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined },
      host: 'test',
    };
    await retry(actions, { only: () => true, uncertain: true });
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(4);
  });

  it('goes by what a person says that the lost one was charged', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget: budgetOf([cap({ kind: 'all' }, 2_000_000)]) });
    await batch.run({ ...overrides, only: (key) => key === 'keynote/de' }, plan);
    const clock = { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined };
    const actions = { store: batch.store, batch: 'spring', clock, host: 'test' };
    await settle(actions, 'keynote/de', { kind: 'charged', micros: 900_000 });
    batch.scripted.nextPrices.push(900_000);
    expect((await batch.run(overrides, plan)).exit).toBe(3);
    const reserved = batch.store.db
      .select()
      .from(attempts)
      .all()
      .map((row) => row.reservedMicros);
    expect(reserved).toEqual([null, 900_000]);
  });

  it('sends only one more at the word to resubmit, and then waits for a person', async () => {
    batch.scripted.nextStarts.push('uncertain', 'uncertain');
    const { find: _, ...unlisted } = batch.scripted.provider;
    const outageBackoff = { firstMs: 10, maximumMs: 10 };
    const overrides = { outageBackoff, providers: new Map([['acme', unlisted]]) };
    const changes = { budget: budgetOf([cap({ kind: 'all' }, 2_000_000)]), onUncertain: 'resubmit' } as const;
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], changes);
    for (let run = 0; run < 2; run += 1) {
      expect((await batch.run(overrides, plan)).exit).toBe(1);
      expect(batch.scripted.starts).toHaveLength(2);
    }
    const holds = batch.snapshot().jobs.map(({ holdReason }) => holdReason);
    expect(holds.sort()).toEqual(['price-lost', 'price-lost', 'uncertain']);
  });

  it('sends no second one either when the lost one no longer holds its slot', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const acme = { ...batch.plan([]).providers.acme!, timeoutMs: 1 };
    const changes = { budget: budgetOf([cap({ kind: 'all' }, 2_000_000)]), providers: { acme } };
    expect((await batch.run(overrides, priced(batch, floor, ['de'], changes))).exit).toBe(1);
    const plan = priced(batch, floor, ['de', 'fr'], changes);
    expect((await batch.run(overrides, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    const mend =
      'localize settle manifest.yaml keynote/de --prediction <its id at acme> | --not-bought | --charged <what it cost in USD> | --abandon';
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({ state: 'held', holdReason: 'price-lost', mend });
  });

  it('counts a lost create at the price a second that others were billed since', async () => {
    batch.scripted.nextStarts.push('uncertain');
    batch.scripted.nextPrices.push(400_000);
    const { find: _, ...unlisted } = batch.scripted.provider;
    const overrides = { providers: new Map([['acme', unlisted]]) };
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget: budgetOf([cap({ kind: 'all' }, 900_000)]) });
    expect((await batch.run({ ...overrides, only: (key) => key === 'keynote/de' }, plan)).exit).toBe(1);
    const { store } = batch;
    const clock = { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined };
    await settle({ store, batch: 'spring', clock, host: 'test' }, 'keynote/de', { kind: 'abandon' });
    // 400 billed and 400 at risk leave 100, and the floor of 170 at risk would have left room for a third.
    expect((await batch.run(overrides, plan)).exit).toBe(3);
    expect(batch.scripted.starts).toHaveLength(2);
    const { jobs, budget } = budgeted(store, batch.snapshot(), plan);
    expect(budget).toMatchObject([{ billedMicros: 400_000, atRiskMicros: 400_000 }]);
    expect(costTotals(jobs)).toMatchObject({ billedMicros: 400_000, atRiskMicros: 400_000 });
    expect(store.db.select().from(attempts).all()[0]).toMatchObject({
      estimateMicros: 170_000,
      expectedMicros: 400_000,
    });
    // What it was estimated at stays beside what it counts at, and beside a bill once there is one.
    const ofFirst = () => jobOf('keynote/de')?.attempts[0];
    expect(ofFirst()).toMatchObject({ estimateMicros: 170_000, expectedMicros: 400_000, billedMicros: null });
    store.sqlite.exec(
      `UPDATE attempts SET billed_micros = 380000, cost_source = 'provider' WHERE billed_micros IS NULL`,
    );
    expect(ofFirst()).toMatchObject({ estimateMicros: 170_000, billedMicros: 380_000 });
  });

  it('remembers the price over a restart, and closes when a bill passes what was reserved', async () => {
    batch.scripted.nextPrices.push(200_000, 350_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    expect((await batch.run({}, priced(batch, floor, ['de'], { budget }))).exit).toBe(0);
    batch.reopen();
    const acme = { ...batch.plan([]).providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } };
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget, providers: { acme } });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(2);
    expect(budgetedJob(batch, plan, 'keynote/ja')).toMatchObject({
      state: 'held',
      holdReason: 'price-risen',
      reason: expect.stringContaining('it billed $0.35 for keynote/fr of batch spring, for which $0.20 was reserved'),
    });
    expect(problems().filter((message) => message.includes('takes no further creates'))).toHaveLength(1);
    // Still closed in the next run; the user's word opens it, and the higher price is reserved from then on.
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(2);
    await retry(
      {
        store: batch.store,
        batch: 'spring',
        clock: { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined },
        host: 'test',
      },
      { only: () => true, uncertain: false },
    );
    batch.scripted.nextPrices.push(350_000);
    expect((await batch.run({}, plan)).exit).toBe(0);
    expect(batch.store.db.select().from(attempts).all().at(-1)).toMatchObject({ reservedMicros: 350_000 });
  });

  it('opens again when the manifest sets its price', async () => {
    batch.scripted.nextPrices.push(200_000, 350_000);
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    await batch.run({}, priced(batch, floor, ['de'], { budget }));
    await batch.run({}, priced(batch, floor, ['de', 'fr'], { budget }));
    const repriced = priced(batch, { kind: 'floor', micros: 350_000, source: ASSUMED }, ['de', 'fr', 'ja'], { budget });
    batch.scripted.nextPrices.push(350_000);
    expect((await batch.run({}, repriced)).exit).toBe(0);
  });

  it('is not slowed down where no cap covers it', async () => {
    const openGate = closeGate(batch);
    const running = batch.run({}, priced(batch, floor, ['de', 'fr', 'ja']));
    await expect.poll(() => batch.scripted.starts.length).toBe(3);
    openGate();
    expect((await running).exit).toBe(0);
  });
});

describe('a route that says no price', () => {
  const floor: PriceFormula = { kind: 'floor', micros: 170_000, source: ASSUMED };

  it('stops after the first create whose reply says no price', async () => {
    const budget = budgetOf([cap({ kind: 'all' }, 2_000_000)]);
    const plan = priced(batch, floor, ['de', 'fr', 'ja'], { budget });
    expect((await batch.run({ only: (key) => key !== 'keynote/ja' }, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    const reason = expect.stringMatching(/without saying what it costs; set providers\.acme\.price$/);
    expect(budgetedJob(batch, plan, 'keynote/fr')).toMatchObject({
      state: 'held',
      holdReason: 'price-unknown',
      reason,
      waitsForAmount: 'person',
    });
    expect(budgetedJob(batch, plan, 'keynote/ja')).toMatchObject({
      state: 'pending',
      reason,
      mend: 'set its price in manifest.yaml, then: localize manifest.yaml',
      waitsForAmount: 'person',
    });
    expect((await batch.run({}, plan)).exit).toBe(1);
    expect(batch.scripted.starts).toHaveLength(1);
    // Its price is known once a reply states it, whichever batch or budget it was for.
    batch.scripted.nextPrices.push(200_000, 200_000);
    expect((await batch.run({}, priced(batch, floor, ['de', 'fr', 'ja']))).exit).toBe(0);
  });
});
