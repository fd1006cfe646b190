import type { BudgetCap, PlannedJob, RouteId, WholePlan } from '@localize/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreseeRun } from '../src/index.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';
import { budgeted } from '../testing/budgeted.js';
import { budgetOf, cap } from '../testing/budgets.js';
import { withSecondProvider } from '../testing/second-provider.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

/** Jobs of which several are made of the very same, under caps: what is bought is what was foreseen. */

interface Wanted {
  /** Of equal ones the files are the same. */
  readonly track: number;
  readonly language: string;
  /** The only route of its track that it names, by its place. */
  readonly names?: 0 | 1 | undefined;
}

/** Of a track on its routes, or on the only one. */
type Prices = readonly [first: number, second?: number];

interface World {
  readonly wanted: readonly Wanted[];
  readonly prices: readonly Prices[];
  readonly caps: readonly BudgetCap[];
}

const exact = (micros: number) => ({ micros, certainty: 'exact', billedSeconds: 5 }) as const;

function worldIn(batch: BatchFixture, { wanted, prices, caps }: World) {
  const { plan, overrides, starts } = withSecondProvider(
    batch,
    wanted.map(({ language }) => language),
  );
  const jobs = plan.jobs.map((job, position): PlannedJob => {
    const { track, names } = wanted[position]!;
    const voices = { kind: 'one', audio: { kind: 'url', url: `https://media.example/${track}.mp3` } } as const;
    const choices = job.choices.flatMap((choice, at) => {
      const micros = prices[track]![at];
      return micros === undefined || (names ?? at) !== at ? [] : [{ ...choice, estimate: exact(micros) }];
    });
    const output = `v${position}/v${position}.${job.language}.mp4`;
    return { ...plannedJob(job.language, position), key: `v${position}/${job.language}`, voices, choices, output };
  });
  const whole: WholePlan = { ...plan, jobs, budget: budgetOf([...caps]) };
  return { plan: whole, overrides, starts };
}

/** What is foreseen, and what then comes of it. */
async function foreseenAndDone(batch: BatchFixture, { plan, overrides }: ReturnType<typeof worldIn>) {
  const run = { caps: plan.budget.caps, wanted: () => true, nowMs: Date.now() };
  const { served, waiting, plan: placed } = await foreseeRun(batch.store, plan, run);
  const toBuy = [...placed.jobs].filter(({ key }) => !served.has(key) && !waiting.has(key));
  const unserved = plan.jobs.filter(({ key }) => !served.has(key));
  const routes = new Map([...toBuy].map(({ key, choices }) => [key, choices[0]?.route]));
  fc.pre(!areRaced(unserved, routes));
  const ended = await batch.run({ ...overrides, served }, plan);
  const after = budgeted(batch.store, batch.snapshot(), plan).jobs;
  const isMade = (key: string): boolean => !waiting.has(served.get(key) ?? key);
  return {
    foreseen: {
      bought: toBuy.map(({ key, choices }) => [key, choices[0]?.route]),
      waiting: [...waiting.keys()].sort(),
      made: plan.jobs.map(({ key }) => key).filter(isMade),
      exit: waiting.size > 0 ? 3 : 0,
    },
    done: {
      bought: after.flatMap(({ key, attempts }) => attempts.map(({ route }) => [key, route])),
      waiting: after.flatMap(({ key, waitsForMoney }) => (waitsForMoney ? [key] : [])).sort(),
      made: after.flatMap(({ key, state }) => (state === 'succeeded' ? [key] : [])),
      exit: ended.exit,
    },
  };
}

/**
 * Whether a job is to leave the route that it begins at for one that a later job may go to: lanes do not wait for each
 * other, so that the later one may take what room there is before the caps have sent the earlier one there.
 */
function areRaced(jobs: readonly PlannedJob[], routes: ReadonlyMap<string, RouteId | undefined>): boolean {
  return jobs.some(({ key, choices }, at) => {
    const route = routes.get(key);
    const isMoved = route !== undefined && route !== choices[0]?.route;
    return isMoved && jobs.slice(at + 1).some((later) => later.choices.some((choice) => choice.route === route));
  });
}

const LANGUAGES = ['de', 'fr', 'ja'] as const;
const cents = (most: number) => fc.integer({ min: 1, max: most }).map((each) => each * 10_000);
const worlds = fc.record({
  wanted: fc.array(fc.record({ track: fc.nat(2), language: fc.constantFrom(...LANGUAGES) }), {
    minLength: 2,
    maxLength: 8,
  }),
  prices: fc.tuple(...[0, 1, 2].map(() => fc.tuple(cents(40)))),
  caps: fc
    .record({ all: cents(120), de: cents(40), fr: cents(60) })
    .map(({ all, de, fr }) => [
      cap({ kind: 'all' }, all),
      { ...cap({ kind: 'language', language: 'de' }, de), name: 'de' },
      { ...cap({ kind: 'language', language: 'fr' }, fr), name: 'fr' },
    ]),
});

/** Some name a provider of their own. A cap that two providers share would be raced for. */
const mixedWorlds = fc.record({
  wanted: fc.array(
    fc.record({
      track: fc.nat(2),
      language: fc.constantFrom(...LANGUAGES),
      names: fc.constantFrom(undefined, undefined, 0 as const, 1 as const),
    }),
    { minLength: 2, maxLength: 8 },
  ),
  prices: fc.tuple(...[0, 1, 2].map(() => fc.tuple(cents(40), cents(40)))),
  caps: fc
    .tuple(cents(80), cents(80))
    .map((most) => ['acme', 'globex'].map((id, at) => cap({ kind: 'provider', provider: id }, most[at]!))),
});

describe('jobs made of the very same, under caps', { timeout: 240_000 }, () => {
  it.each([
    ['', worlds],
    [' where some name a provider of their own', mixedWorlds],
  ])('are bought as it was foreseen%s', async (_, anyWorld) => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const batch = await batchFixture();
        try {
          const { foreseen, done } = await foreseenAndDone(batch, worldIn(batch, world));
          expect(done).toEqual(foreseen);
        } finally {
          await batch.close();
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('wait for the one that is bought for them, also while its create is refused', async () => {
    const batch = await batchFixture();
    const wanted = [{ track: 0, language: 'de' }, ...Array.from({ length: 4 }, () => ({ track: 0, language: 'fr' }))];
    const caps = [cap({ kind: 'language', language: 'de' }, 300_000)];
    const world = worldIn(batch, { wanted, prices: [[960_000, 240_000]], caps });
    const second = world.overrides.providers.get('globex')!;
    let refusals = 2;
    const start: typeof second.start = async (request, call) => {
      refusals -= 1;
      const failure = { kind: 'rate-limit', message: 'too many', retryAfterMs: 20 } as const;
      return refusals < 0 ? second.start(request, call) : { outcome: 'refused', failure };
    };
    world.overrides.providers.set('globex', { ...second, start });
    const { foreseen, done } = await foreseenAndDone(batch, world);
    expect(foreseen.bought).toEqual([['v0/de', 'globex/lips']]);
    expect(done.made).toHaveLength(5);
    expect(batch.scripted.starts).toHaveLength(0);
    expect(world.starts).toHaveLength(1);
    await batch.close();
  });

  it.each(['is still under way', 'is there'])(
    'take what an interrupted run has bought for one on a further route, where it %s',
    async (how) => {
      const batch = await batchFixture();
      const wanted = ['de', 'fr', 'ja'].map((language) => ({ track: 0, language }));
      const caps = [cap({ kind: 'language', language: 'de' }, 300_000)];
      const world = worldIn(batch, { wanted, prices: [[960_000, 240_000]], caps });
      const until = how === 'is there' ? { only: (key: string) => key === 'v0/de' } : stopOnceAccepted();
      const run = { caps, wanted: () => true, nowMs: Date.now() };
      const { served } = await foreseeRun(batch.store, world.plan, run);
      await batch.run({ ...world.overrides, served, ...until }, world.plan);
      expect(world.starts).toHaveLength(1);
      const isLeft = (key: string) => key !== 'v0/de';
      const again = await foreseeRun(batch.store, world.plan, { ...run, wanted: isLeft });
      expect([...again.free.keys()]).toEqual(['v1/fr', 'v2/ja']);
      const told = budgeted(batch.store, batch.snapshot(), world.plan).jobs;
      expect(told.slice(1).map(({ estimateMicros }) => estimateMicros)).toEqual([0, 0]);
      expect(await batch.run({ ...world.overrides, served: again.served }, world.plan)).toMatchObject({ exit: 0 });
      expect([batch.scripted.starts.length, world.starts.length]).toEqual([0, 1]);
      await batch.close();
    },
  );

  it('take what was under way when the manifest began to prefer another route for all of them', async () => {
    const batch = await batchFixture();
    const wanted = ['de', 'fr', 'ja'].map((language) => ({ track: 0, language }));
    const world = worldIn(batch, { wanted, prices: [[320_000, 240_000]], caps: [] });
    await batch.run({ ...world.overrides, ...stopOnceAccepted() }, world.plan);
    const jobs = world.plan.jobs.map((job) => ({ ...job, choices: [...job.choices].reverse() }));
    const edited = { ...world.plan, jobs };
    const isLeft = (key: string) => key !== 'v0/de';
    const { free, served } = await foreseeRun(batch.store, edited, { caps: [], wanted: isLeft, nowMs: Date.now() });
    expect([...free.keys()]).toEqual(['v1/fr', 'v2/ja']);
    expect(await batch.run({ ...world.overrides, served }, edited)).toMatchObject({ exit: 0 });
    expect([batch.scripted.starts.length, world.starts.length]).toEqual([1, 0]);
    await batch.close();
  });

  it('need nothing while nobody knows what became of the one that was to be bought for them', async () => {
    const batch = await batchFixture();
    const wanted = ['fr', 'fr', 'ja'].map((language, at) => ({ track: at === 2 ? 1 : 0, language }));
    const world = worldIn(batch, { wanted, prices: [[300_000], [200_000]], caps: [cap({ kind: 'all' }, 500_000)] });
    batch.scripted.nextStarts.push('uncertain');
    const { done } = await foreseenAndDone(batch, world);
    expect(done).toMatchObject({ made: ['v2/ja'], exit: 1 });
    expect(batch.events.filter(({ type }) => type === 'budget:met')).toEqual([]);
    await batch.close();
  });

  it('are bought for themselves where nothing comes of the one that was to be bought for them', async () => {
    const batch = await batchFixture();
    const wanted = ['fr', 'fr', 'ja'].map((language) => ({ track: 0, language }));
    const caps = [cap({ kind: 'all' }, 9_000_000)];
    const world = worldIn(batch, { wanted, prices: [[100_000, 200_000]], caps });
    batch.scripted.nextStarts.push('refused');
    Object.assign(batch.scripted.refusal, { kind: 'invalid-input' });
    const { done } = await foreseenAndDone(batch, world);
    expect(done.made).toEqual(['v1/fr', 'v2/ja']);
    expect(batch.scripted.starts).toHaveLength(1);
    await batch.close();
  });
});
