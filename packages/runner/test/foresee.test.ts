import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BudgetCap, PriceFormula, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedJobs, foreseeRemakes, foreseeRun, PlanLook, readStandings } from '../src/index.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture, MEDIA, plannedJob, withPrompt } from '../testing/batch-fixture.js';
import { ASSUMED, priced } from '../testing/budgets.js';
import { withSecondProvider } from '../testing/second-provider.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
});
afterEach(() => batch.close());

const PRICE = 150_000;
const outputOf = (language: string) => join(batch.dir, `localized/spring/keynote/keynote.${language}.mp4`);
const capped = (micros: number, changes: Partial<WholePlan> = {}): WholePlan => {
  const cap: BudgetCap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros };
  return batch.plan(['de', 'fr'], { budget: { caps: [cap], marginPercent: 0, confirmAboveMicros: 0 }, ...changes });
};

function foresee(plan: WholePlan, wanted: (key: string) => boolean = () => true) {
  return foreseeRun(batch.store, plan, { caps: plan.budget.caps, wanted, nowMs: Date.now() });
}

const FLOOR: PriceFormula = { kind: 'floor', micros: 170_000, source: ASSUMED };

/** The same jobs with their routes in the other order. */
function turned(plan: WholePlan): WholePlan {
  return { ...plan, jobs: plan.jobs.map((job) => ({ ...job, choices: [...job.choices].reverse() })) };
}

/** What a run is foreseen to take without buying; carrying it out must buy just the rest. */
async function foreseenAndDone(plan: WholePlan) {
  const unfinished = new Set(plan.jobs.map(({ key }) => key));
  const { free, former, waiting } = await foresee(plan, (key) => unfinished.has(key));
  const before = batch.scripted.starts.length;
  await batch.run({}, plan);
  const bought = batch.scripted.starts.length - before;
  expect(bought).toBe(plan.jobs.length - free.size - former.length - waiting.size);
  return { bought, kinds: plan.jobs.map(({ key }) => free.get(key)?.kind ?? null), waiting: waiting.size, former };
}

describe('what a run is foreseen to do', () => {
  it('buys one of jobs with equal contents, in whichever files, and each of those that only look alike', async () => {
    const video = join(batch.dir, 'copy.mp4');
    copyFileSync(join(MEDIA, 'welcome.mp4'), video);
    const job = plannedJob('de', 0);
    const jobs = [
      job,
      { ...job, key: 'copy/de', output: 'copy.mp4', position: 1, video: { kind: 'file' as const, path: video } },
      { ...plannedJob('fr', 2) },
      { ...job, key: 'gone/de', output: 'gone.mp4', position: 3, choices: [] },
    ];
    const { free, plan } = await foresee(batch.plan([], { jobs }));
    expect(free).toEqual(new Map([['copy/de', { kind: 'twin', of: 'keynote/de' }]]));
    expect([...plan.jobs]).toHaveLength(4);
    expect(await foreseenAndDone(batch.plan([], { jobs: jobs.slice(0, 3) }))).toMatchObject({
      bought: 2,
      kinds: [null, 'twin', null],
    });
  });

  it('takes what a lost state has left on disk, or fetches it again, and counts what it cost', async () => {
    await batch.run();
    batch.loseState();
    rmSync(outputOf('fr'));
    const plan = capped(2 * PRICE);
    expect((await foresee(plan)).corrections).toMatchObject([{ billedMicros: PRICE }, { billedMicros: PRICE }]);
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: ['disk', 'provider'], waiting: 0 });
    // By now the state counts it.
    expect((await foresee(plan)).corrections).toEqual([]);
  });

  it('takes what a lost state has left on disk under another id or batch, too, once the state has taken it over', async () => {
    await batch.run();
    batch.loseState();
    await batch.run();
    const jobs = batch.plan(['de']).jobs.map((job) => ({ ...job, key: 'speech/de', output: 'speech/speech.de.mp4' }));
    expect(await foreseenAndDone(batch.plan([], { jobs }))).toMatchObject({ bought: 0, kinds: ['disk'] });
    expect(await foreseenAndDone(batch.plan([], { jobs, batch: 'autumn' }))).toMatchObject({
      bought: 0,
      kinds: ['disk'],
    });
  });

  it('has no room beside what a lost state had paid', async () => {
    await batch.run();
    batch.loseState();
    const plan = capped(2 * PRICE, { jobs: ['ja', 'de', 'fr'].map(plannedJob) });
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: [null, 'disk', 'disk'], waiting: 1 });
  });

  it.each([
    ['id', 'spring', 'speech'],
    ['batch', 'autumn', 'keynote'],
  ])('has no room either where its results are taken over under another %s', async (_, name, video) => {
    await batch.run();
    batch.loseState();
    const jobs = ['ja', 'de', 'fr'].map(plannedJob).map((job) => {
      const { language } = job;
      return { ...job, key: `${video}/${language}`, output: `${video}/${video}.${language}.mp4` };
    });
    const plan = capped(2 * PRICE, { jobs, batch: name });
    expect((await foresee(plan)).corrections).toMatchObject([{ billedMicros: PRICE }, { billedMicros: PRICE }]);
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: [null, 'disk', 'disk'], waiting: 1 });
  });

  it.each([
    ['first', false],
    ['further', true],
  ])(
    'takes after a lost state what a reverted edit and a new name ask for again, made on its %s route',
    async (_, isFurther) => {
      const { plan, overrides } = withSecondProvider(batch, ['de', 'fr']);
      const made = isFurther ? turned(plan) : plan;
      await batch.run(overrides, made);
      await batch.run({ ...overrides, remake: true }, withPrompt(made, 'new words'));
      batch.loseState();
      const renamed = { ...plan, batch: 'autumn' };
      expect([...(await foresee(renamed)).free.values()].map(({ kind }) => kind)).toEqual(['disk', 'disk']);
      const starts = batch.scripted.starts.length;
      expect((await batch.run(overrides, renamed)).exit).toBe(0);
      expect(batch.scripted.starts).toHaveLength(starts);
    },
  );

  it('has no room either beside jobs that have left the manifest', async () => {
    await batch.run();
    batch.loseState();
    const plan = capped(2 * PRICE, { jobs: [plannedJob('ja', 0)] });
    expect((await foresee(plan)).corrections).toMatchObject([
      { language: 'de', billedMicros: PRICE },
      { language: 'fr', billedMicros: PRICE },
    ]);
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: [null], waiting: 1 });
    expect((await foresee(plan)).corrections).toEqual([]);
  });

  it('finds amounts that nobody knows in the way before a lost state is taken up as after it', async () => {
    await batch.run();
    batch.loseState();
    const path = join(batch.dir, 'localized/spring/keynote/keynote.de.mp4.json');
    const sidecar = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...sidecar, cost_usd: null, estimate_usd: null, cost_source: 'none' }));
    for (const languages of [['de', 'fr', 'ja'], ['ja']]) {
      const plan = { ...capped(9 * PRICE, { jobs: languages.map(plannedJob) }), prices: {} };
      const { unpriced } = await foresee(plan);
      expect(unpriced).toMatchObject([{ key: 'keynote/de', batch: 'spring', cap: { name: 'budget.max_usd' } }]);
      await batch.adopt(join(batch.dir, 'localized'), plan);
      expect((await foresee(plan)).unpriced).toEqual(unpriced);
      batch.loseState();
    }
  });

  it('expects of a price that is only a minimum what a lost state was billed, as the run then reserves', async () => {
    const budget = capped(3_000_000).budget;
    const plan = (languages: readonly string[]) => priced(batch, FLOOR, languages, { budget });
    batch.scripted.nextPrices.push(400_000, 400_000, 400_000);
    await batch.run({}, plan(['de', 'fr']));
    batch.loseState();
    const foreseen = await foresee(plan(['de', 'fr', 'ja']));
    const expected = [...foreseen.plan.jobs][2]?.choices[0]?.estimate;
    expect(expected?.certainty).toBe('seen');
    // By the length of what was made for it.
    expect(expected?.micros).toBeGreaterThan(2 * 170_000);
    await batch.run({}, plan(['de', 'fr', 'ja']));
    const [bought] = batch.store.db.select().from(attempts).all();
    expect(bought).toMatchObject({ estimateMicros: expected?.micros, reservedMicros: expected?.micros });
  });

  it('keeps a video that a lost state had made of something else', async () => {
    await batch.run();
    batch.loseState();
    const { former, bought } = await foreseenAndDone(withPrompt(batch.plan(['de', 'fr']), 'new words'));
    expect([bought, former]).toMatchObject([0, [{ key: 'keynote/de', fields: ['prompt'] }, { key: 'keynote/fr' }]]);
  });

  it('takes results of another batch, and waits for those that are under way there', async () => {
    await batch.run({}, batch.plan(['de']));
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, batch.plan(['de', 'fr']));
    const other = { batch: 'autumn' };
    expect(await foreseenAndDone(batch.plan(['de', 'fr', 'ja'], other))).toMatchObject({
      bought: 1,
      kinds: ['disk', 'twin', null],
    });
  });

  it('waits for no money of its own beside the job whose result it would take', async () => {
    const jobs = [plannedJob('de', 0), { ...plannedJob('de', 1), key: 'copy/de', output: 'copy.mp4' }];
    expect(await foreseenAndDone(capped(1, { jobs }))).toMatchObject({ bought: 0, kinds: [null, 'twin'], waiting: 1 });
    expect(await foreseenAndDone(capped(PRICE, { jobs }))).toMatchObject({ bought: 1, kinds: [null, 'twin'] });
  });
});

describe('a run that makes finished jobs again', () => {
  it('is foreseen with what the caps have no room for then, what it displaces, and what it makes', async () => {
    await batch.run({}, batch.plan(['de', 'fr']));
    const plan = withPrompt(capped(4 * PRICE, { jobs: ['de', 'ja', 'fr'].map(plannedJob) }), 'new words');
    const { plain, remade, withRemakes } = await remakes(plan);
    expect([...remade].sort()).toEqual(['keynote/de', 'keynote/fr']);
    expect(plain).toMatchObject({ waiting: new Map(), free: new Map() });
    const again = await withRemakes();
    // Both of what is left goes to the first two of the manifest.
    expect(again).toMatchObject({
      made: new Set(['keynote/de']),
      waiting: new Map([['keynote/fr', expect.anything()]]),
      displaced: 0,
    });
    const short = await (await remakes(withPrompt(capped(3 * PRICE, { jobs: plan.jobs }), 'new words'))).withRemakes();
    expect(short).toMatchObject({ made: new Set(['keynote/de']), displaced: 1 });
  });

  it('buys the first in the plan of jobs that are made of the very same, a finished one too', async () => {
    await batch.run({}, batch.plan(['de']));
    const copy = { ...plannedJob('de', 1), key: 'copy/de', output: 'copy.mp4' };
    const plan = withPrompt(batch.plan([], { jobs: [plannedJob('de', 0), copy] }), 'new words');
    const { plain, withRemakes } = await remakes(plan);
    expect(plain.free).toEqual(new Map());
    expect((await withRemakes()).free).toEqual(new Map([['copy/de', { kind: 'twin', of: 'keynote/de' }]]));
  });

  async function remakes(plan: WholePlan) {
    const look = new PlanLook(batch.store, plan);
    const standings = readStandings(batch.store, plan);
    const changed = await changedJobs(batch.store, plan, look);
    const wanted = (key: string) => !standings.has(key);
    const run = { caps: plan.budget.caps, wanted, nowMs: Date.now(), changed, standings, mayRemake: () => true };
    return foreseeRemakes(batch.store, plan, run, look);
  }
});
