import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BudgetCap, WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedJobs, foreseeRemakes, foreseeRun, PlanLook, readStandings } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA, plannedJob, withPrompt } from '../testing/batch-fixture.js';

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

function loseState(): void {
  batch.store.close();
  rmSync(join(batch.dir, '.localize'), { recursive: true });
  batch.reopenAfterLoss();
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
    loseState();
    rmSync(outputOf('fr'));
    const plan = capped(2 * PRICE);
    expect((await foresee(plan)).paidBefore).toMatchObject([{ billedMicros: PRICE }, { billedMicros: PRICE }]);
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: ['disk', 'provider'], waiting: 0 });
    // By now the state counts it.
    expect((await foresee(plan)).paidBefore).toEqual([]);
  });

  it('takes what a lost state has left on disk under another id or batch, too, once the state has taken it over', async () => {
    await batch.run();
    loseState();
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
    loseState();
    const plan = capped(2 * PRICE, { jobs: ['ja', 'de', 'fr'].map(plannedJob) });
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: [null, 'disk', 'disk'], waiting: 1 });
  });

  it.each([
    ['id', 'spring', 'speech'],
    ['batch', 'autumn', 'keynote'],
  ])('has no room either where its results are taken over under another %s', async (_, name, video) => {
    await batch.run();
    loseState();
    const jobs = ['ja', 'de', 'fr'].map(plannedJob).map((job) => {
      const { language } = job;
      return { ...job, key: `${video}/${language}`, output: `${video}/${video}.${language}.mp4` };
    });
    const plan = capped(2 * PRICE, { jobs, batch: name });
    expect((await foresee(plan)).paidBefore).toMatchObject([{ billedMicros: PRICE }, { billedMicros: PRICE }]);
    expect(await foreseenAndDone(plan)).toMatchObject({ bought: 0, kinds: [null, 'disk', 'disk'], waiting: 1 });
  });

  it('keeps a video that a lost state had made of something else', async () => {
    await batch.run();
    loseState();
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

  it('waits for money with the job whose result it would take', async () => {
    const jobs = [plannedJob('de', 0), { ...plannedJob('de', 1), key: 'copy/de', output: 'copy.mp4' }];
    expect(await foreseenAndDone(capped(1, { jobs }))).toMatchObject({ bought: 0, kinds: [null, null], waiting: 2 });
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
