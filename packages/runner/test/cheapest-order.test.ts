import { join } from 'node:path';
import { type BudgetCap, estimatePrice, type PriceFormula, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreseeRun, readSnapshot, retry } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { ASSUMED, budgetOf, cap, closeGate } from '../testing/budgets.js';
import { withSecondProvider } from '../testing/second-provider.js';

const LANGUAGES = ['de', 'fr', 'ja', 'it'];
const [ACME, GLOBEX] = ['acme/lips', 'globex/lips'];

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
});
afterEach(() => batch.close());

const perSecond = (micros: number): PriceFormula => ({
  kind: 'per-second',
  microsPerSecond: { any: micros },
  minimumSeconds: 5,
  source: ASSUMED,
});
const prices = { [ACME]: perSecond(20_000), [GLOBEX]: perSecond(30_000) };
const clock = { nowMs: Date.now, wallMs: Date.now, after: () => () => undefined };

/** Jobs that go by price to one of two providers: 0.10 at the one, 0.15 at the other. */
function cheapest(languages: readonly string[], formulas: WholePlan['prices'] = prices) {
  const { plan, ...second } = withSecondProvider(batch, languages);
  const jobs = plan.jobs.map((job) => ({
    ...job,
    choices: job.choices.map((choice) => ({
      ...choice,
      byPrice: true as const,
      estimate: estimatePrice(formulas[choice.route]!, { billedMs: 5_000, resolution: '480p', frames: null }),
    })),
  }));
  return { ...second, plan: { ...plan, jobs, prices: formulas, budget: budgetOf([cap({ kind: 'all' }, 9_000_000)]) } };
}

/** The first provider alone. */
function only(languages: readonly string[], formulas?: WholePlan['prices']): WholePlan {
  const { plan } = cheapest(languages, formulas);
  return { ...plan, jobs: plan.jobs.map((job) => ({ ...job, choices: job.choices.slice(0, 1) })) };
}

const places = async (plan: WholePlan) => {
  const seen = await foreseeRun(batch.store, plan, { caps: plan.budget.caps, wanted: () => true, nowMs: Date.now() });
  const about = { batch: plan.batch, manifest: 'm.yaml', emulated: false, nowMs: Date.now(), prices: plan.prices };
  const shown = readSnapshot(batch.store, about)?.jobs.filter(({ state }) => state === 'pending') ?? [];
  return {
    planned: Array.from(seen.plan.jobs, ({ choices }) =>
      choices.map(({ route, estimate }) => [route, estimate.micros]),
    ),
    shown: shown.map(({ route, estimateMicros, alternatives = [] }) => [
      [route, estimateMicros],
      ...alternatives.slice(1).map((each) => [each.route, each.estimateMicros]),
    ]),
  };
};

/** What status and reports have as each job's route and price. */
const told = (plan: WholePlan) =>
  budgeted(batch.store, batch.snapshot(plan.batch), plan).jobs.map(({ route, estimateMicros }) => [
    route,
    estimateMicros,
  ]);

const asAccepted = [
  [GLOBEX, 150_000],
  [ACME, 600_000],
];

describe('what goes to the cheapest route', () => {
  beforeEach(async () => {
    batch.scripted.nextPrices.push(600_000);
    await batch.run({ only: (key) => key === 'keynote/de' }, only(['de', 'fr']));
    expect((await batch.run({}, only(['de', 'fr']))).exit).toBe(1);
  });
  const accept = () =>
    retry({ store: batch.store, batch: 'spring', clock, host: 'test' }, { only: () => true, uncertain: false });

  it('leaves one that a bill has closed for the next that takes creates', async () => {
    const { plan, overrides, starts } = cheapest(['ja', 'it']);
    const autumn = { ...plan, batch: 'autumn' };
    const { planned } = await places(autumn);
    expect(planned).toEqual([[[GLOBEX, 150_000]], [[GLOBEX, 150_000]]]);
    const run = (what = {}) =>
      batch.run({ ...overrides, manifestPath: join(batch.dir, 'autumn.yaml'), ...what }, autumn);
    await run({ only: () => false });
    expect(told(autumn)).toEqual([...planned.flat()]);
    expect([(await run()).exit, starts.length]).toEqual([0, 2]);
    expect(told(autumn)).toEqual([...planned.flat()]);
  });

  it('and a cap of a provider are what status goes by, and a price that was set since', async () => {
    const { plan, overrides } = cheapest(['ja', 'it']);
    const autumn = { ...plan, batch: 'autumn' };
    const manifestPath = join(batch.dir, 'autumn.yaml');
    await batch.run({ ...overrides, manifestPath, only: () => false }, autumn);
    await accept();
    const repriced = cheapest(['ja', 'it'], { [ACME]: perSecond(120_000), [GLOBEX]: perSecond(130_000) }).plan;
    const under = (caps: BudgetCap[]) => ({ ...repriced, batch: 'autumn', budget: budgetOf(caps) });
    const capped = under([cap({ kind: 'provider', provider: 'acme' }, 700_000)]);
    expect((await places(capped)).planned.map(([first]) => first)).toEqual([
      [ACME, 600_000],
      [GLOBEX, 650_000],
    ]);
    expect(told(capped)).toEqual([
      [ACME, 600_000],
      [GLOBEX, 650_000],
    ]);
    const uncapped = told(under([]));
    expect(uncapped).toEqual([
      [ACME, 600_000],
      [ACME, 600_000],
    ]);
  });

  it.each(['of a batch that never ran', 'of a batch whose jobs wait since before'])(
    'goes by what a bill that was accepted lets expect, in plan, status and run, %s',
    async (when) => {
      const { plan, overrides, starts } = cheapest(['ja', 'it']);
      const autumn = { ...plan, batch: 'autumn' };
      const run = (what = {}) =>
        batch.run({ ...overrides, manifestPath: join(batch.dir, 'autumn.yaml'), ...what }, autumn);
      if (when !== 'of a batch that never ran') await run({ only: () => false });
      await accept();
      const { planned, shown } = await places(autumn);
      expect(planned).toEqual([asAccepted, asAccepted]);
      if (when !== 'of a batch that never ran') expect(shown).toEqual([asAccepted, asAccepted]);
      expect([(await run()).exit, starts.length, batch.scripted.starts.length]).toEqual([0, 2, 1]);
    },
  );

  it('keeps to the price of the manifest where that covers the bill', async () => {
    await accept();
    const covering = { [ACME]: perSecond(120_000), [GLOBEX]: perSecond(130_000) };
    const { planned } = await places({ ...cheapest(['ja'], covering).plan, batch: 'autumn' });
    expect(planned).toEqual([
      [
        [ACME, 600_000],
        [GLOBEX, 650_000],
      ],
    ]);
  });

  it('goes by a bill that is accepted while its run is at work, as far as jobs are not on their way by then', async () => {
    await accept();
    batch.store.sqlite.exec('DELETE FROM accepted_prices');
    const languages = ['ja', 'it', ...Array.from({ length: 30 }, (_, index) => `x-${index}`)];
    const { plan, overrides, starts } = cheapest(languages);
    const acme = { ...batch.plan([]).providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 1 } };
    const openGate = closeGate(batch);
    const slow = { ...plan, batch: 'autumn', providers: { ...plan.providers, acme } };
    const running = batch.run({ ...overrides, manifestPath: join(batch.dir, 'autumn.yaml') }, slow);
    await expect.poll(() => batch.scripted.starts.length).toBe(2);
    expect(starts).toEqual([]);
    batch.store.sqlite
      .prepare(
        `INSERT INTO accepted_prices (route, price, billed_micros, estimate_micros, billed_ms) VALUES (?, 'null', 600000, 100000, 5000)`,
      )
      .run(ACME);
    openGate();
    expect((await running).exit).toBe(0);
    expect(starts.length).toBeGreaterThan(10);
  });
});
