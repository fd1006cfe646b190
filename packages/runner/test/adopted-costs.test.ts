import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BudgetCap, costTotals, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { foreseeRun } from '../src/index.js';
import { capSpending } from '../src/store/money/spending.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr']);
});
afterEach(() => batch.close());

const PRICE = 150_000;
const DAY_MS = 24 * 3_600_000;

const capOf = (micros: number, period: BudgetCap['period'] = 'batch'): BudgetCap => ({
  name: 'budget.max_usd',
  scope: { kind: 'all' },
  period,
  micros,
});
const capped = (languages: readonly string[], cap: BudgetCap, changes: Partial<WholePlan> = {}) =>
  batch.plan(languages, { budget: { caps: [cap], marginPercent: 0, confirmAboveMicros: 0 }, ...changes });

const sidecarOf = (language: string) => join(batch.dir, `localized/spring/keynote/keynote.${language}.mp4.json`);

function editSidecar(language: string, changes: object): void {
  const known = JSON.parse(readFileSync(sidecarOf(language), 'utf8'));
  writeFileSync(sidecarOf(language), JSON.stringify({ ...known, ...changes }));
}

const totals = () => costTotals(batch.snapshot().jobs);
const spent = (period: BudgetCap['period'], scope: BudgetCap['scope'] = { kind: 'all' }) =>
  capSpending(batch.store, { ...capOf(0, period), scope }, { batchId: 1, runId: null, wallMs: Date.now() });

describe('what a lost state had paid', () => {
  it('is fetched again where the video that is adopted was damaged, by the prediction that its sidecar tells of', async () => {
    await batch.run({}, batch.plan(['de']));
    const other = join(batch.dir, 'other');
    renameSync(join(batch.dir, 'localized'), other);
    truncateSync(join(other, 'spring/keynote/keynote.de.mp4'), 1_000);
    batch.loseState();
    const found = await batch.adopt(other, batch.plan(['de']));
    expect(found).toMatchObject({ adopted: [], missing: ['keynote/de'], paid: ['keynote/de'] });
    expect((await batch.run({}, batch.plan(['de']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(totals()).toMatchObject({ billedMicros: PRICE, atRiskMicros: 0 });
  });

  it('is fetched again under another name of its batch too, where its file is gone, and foreseen so', async () => {
    await batch.run();
    batch.loseState();
    await batch.run();
    rmSync(join(batch.dir, 'localized/spring/keynote/keynote.de.mp4'));
    rmSync(sidecarOf('de'));
    const renamed = batch.plan(['de', 'fr'], { batch: 'autumn' });
    const manifestPath = join(batch.dir, 'manifest.yaml');
    const run = { caps: [], wanted: () => true, manifestPath, nowMs: Date.now() };
    const { free } = await foreseeRun(batch.store, renamed, run);
    expect([...free].map(([key, { kind }]) => [key, kind])).toEqual([
      ['keynote/de', 'provider'],
      ['keynote/fr', 'disk'],
    ]);
    expect(await batch.run({}, renamed)).toMatchObject({ why: 'finished', exit: 0 });
    expect(batch.scripted.starts).toHaveLength(2);
    expect(spent('day').billedMicros).toBe(2 * PRICE);
  });

  it('counts under the budget before anything else is bought, wherever its jobs stand in the manifest', async () => {
    await batch.run();
    batch.loseState();
    // The new ones come first, and there is money for one of them.
    const plan = capped(['ja', 'it', 'de', 'fr'], capOf(3 * PRICE));
    expect(await batch.run({}, plan)).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(3);
    expect(totals()).toMatchObject({ billedMicros: 3 * PRICE, atRiskMicros: 0, unpricedAttempts: 0 });
    expect(spent('batch', { kind: 'language', language: 'de' }).billedMicros).toBe(PRICE);
    expect(spent('batch', { kind: 'provider', provider: 'acme' }).billedMicros).toBe(3 * PRICE);
  });

  it('leaves its results free: they are taken up although the budget has no room left', async () => {
    await batch.run();
    batch.loseState();
    expect(await batch.run({}, capped(['ja', 'de', 'fr'], capOf(2 * PRICE)))).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.snapshot().jobs.map(({ state }) => state)).toEqual(['pending', 'succeeded', 'succeeded']);
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('counts once, however often its results are met', async () => {
    await batch.run();
    batch.loseState();
    await batch.adopt(join(batch.dir, 'localized'));
    await batch.run();
    await batch.run({}, batch.plan(['de', 'fr'], { batch: 'autumn' }));
    expect(totals().billedMicros).toBe(2 * PRICE);
    expect(spent('day').billedMicros).toBe(2 * PRICE);
    expect(batch.snapshot().jobs[0]?.attempts).toMatchObject([
      { adopted: true, lane: 'adopted', predictionId: 'prediction-1', billedMicros: PRICE, costSource: 'price' },
    ]);
  });

  it('counts where the state has the prediction itself, and nowhere else', async () => {
    await batch.run();
    await batch.adopt(join(batch.dir, 'localized'), batch.plan(['de', 'fr'], { batch: 'autumn' }));
    expect(spent('day').billedMicros).toBe(2 * PRICE);
    batch.loseState();
    await batch.adopt(join(batch.dir, 'localized'), batch.plan(['de']));
    expect(totals().billedMicros).toBe(2 * PRICE);
    // A lost create of this state turns out to be that very prediction.
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, batch.plan(['de', 'ja']));
    const [attempt] = batch.store.db.select().from(attempts).all();
    batch.store.sqlite
      .prepare(`UPDATE attempts SET state = 'accepted', prediction_id = 'prediction-1' WHERE id = ?`)
      .run(attempt!.id);
    expect(totals()).toMatchObject({ billedMicros: PRICE, inFlightMicros: PRICE });
    expect(spent('batch')).toMatchObject({ billedMicros: PRICE, inFlightMicros: PRICE, atRiskMicros: 0 });
  });

  it('is at risk at its estimate, and said to be unknown, where the sidecar has no amount', async () => {
    await batch.run();
    batch.loseState();
    editSidecar('de', { cost_usd: null, cost_source: 'none' });
    editSidecar('fr', { cost_usd: 'a lot', estimate_usd: null });
    const known = capped(['de', 'fr', 'ja'], capOf(3 * PRICE));
    await batch.run({}, { ...known, prices: {} });
    // Nobody can say what that leaves, so that nothing is bought.
    expect(totals()).toMatchObject({ billedMicros: 0, atRiskMicros: PRICE, unpricedAttempts: 2 });
    expect(spent('batch')).toMatchObject({ billedMicros: 0, atRiskMicros: PRICE, unpricedAttempts: 1 });
    // Once there is a price it counts at that, and is still billed by nobody.
    await batch.run({}, known);
    expect(totals()).toMatchObject({ billedMicros: PRICE, atRiskMicros: 2 * PRICE, unpricedAttempts: 2 });
    expect(spent('batch')).toMatchObject({ billedMicros: PRICE, atRiskMicros: 2 * PRICE, unpricedAttempts: 0 });
  });

  it('counts on the day on which it was made', async () => {
    await batch.run();
    batch.loseState();
    editSidecar('de', { made_at: new Date(Date.now() - 40 * DAY_MS).toISOString() });
    editSidecar('fr', { made_at: new Date(Date.now() + 40 * DAY_MS).toISOString() });
    await batch.run();
    expect(spent('day').billedMicros).toBe(PRICE);
    expect(spent('month').billedMicros).toBe(PRICE);
    expect(spent('batch').billedMicros).toBe(2 * PRICE);
  });

  it('counts also for a result that the manifest asks for differently now, and follows edited labels', async () => {
    await batch.run();
    batch.loseState();
    const edited = (labels: Record<string, string>) => {
      const plan = capped(['de', 'fr'], capOf(3 * PRICE));
      const jobs = plan.jobs.map((job) => {
        const choices = job.choices.map((choice) => ({ ...choice, input: { ...choice.input, prompt: 'new words' } }));
        return { ...job, choices, labels };
      });
      return { ...plan, jobs };
    };
    expect(await batch.run({ remake: true }, edited({ course: 'a' }))).toMatchObject({ why: 'budget' });
    expect(batch.scripted.starts).toHaveLength(3);
    await batch.run({}, edited({ course: 'b' }));
    const labeled = (value: string) => spent('batch', { kind: 'label', label: 'course', value }).billedMicros;
    expect([labeled('a'), labeled('b')]).toEqual([0, 3 * PRICE]);
  });

  it('counts for jobs that have left the manifest, which are shown as orphaned, and once where they come back', async () => {
    await batch.run();
    batch.loseState();
    editSidecar('fr', { made_at: new Date(Date.now() - 40 * DAY_MS).toISOString() });
    const left = capped(['ja'], capOf(2 * PRICE));
    for (const exit of [3, 3]) expect(await batch.run({}, left)).toMatchObject({ why: 'budget', exit });
    expect(batch.scripted.starts).toHaveLength(2);
    expect([spent('batch').billedMicros, spent('day').billedMicros]).toEqual([2 * PRICE, PRICE]);
    expect(spent('batch', { kind: 'language', language: 'de' }).billedMicros).toBe(PRICE);
    expect(batch.snapshot().jobs).toMatchObject([
      { key: 'keynote/ja', orphaned: false, attempts: [] },
      { key: 'keynote/de', orphaned: true, attempts: [{ adopted: true, billedMicros: PRICE }] },
      { key: 'keynote/fr', orphaned: true, attempts: [{ adopted: true, billedMicros: PRICE }] },
    ]);
    // Back in the manifest, they take what is theirs.
    expect(await batch.run({}, capped(['ja', 'de'], capOf(3 * PRICE)))).toMatchObject({ why: 'finished', exit: 0 });
    expect(batch.scripted.starts).toHaveLength(3);
    expect(spent('batch').billedMicros).toBe(3 * PRICE);
  });

  it('counts for jobs that have left the manifest by the labels that they had', async () => {
    const plan = batch.plan(['de', 'fr', 'ja']);
    await batch.run({}, { ...plan, jobs: plan.jobs.map((job) => ({ ...job, labels: { course: 'a' } })) });
    batch.loseState();
    editSidecar('de', { labels: { course: 7 } });
    await batch.run({}, capped(['ja'], capOf(4 * PRICE)));
    expect(spent('batch').billedMicros).toBe(3 * PRICE);
    // Of the three one has no label that can be read, and one is in the manifest, where it has none.
    expect(spent('batch', { kind: 'label', label: 'course', value: 'a' }).billedMicros).toBe(PRICE);
  });

  it('counts with the job that its result is taken for, where that was only renamed', async () => {
    await batch.run();
    batch.loseState();
    const plan = capped(['de'], capOf(2 * PRICE));
    const jobs = plan.jobs.map((job) => ({
      ...job,
      key: 'speech/de',
      output: 'speech/speech.de.mp4',
      labels: { course: 'a' },
    }));
    await batch.run({}, { ...plan, jobs });
    expect(spent('batch', { kind: 'label', label: 'course', value: 'a' }).billedMicros).toBe(PRICE);
    expect(spent('batch').billedMicros).toBe(2 * PRICE);
  });

  it('takes no harm from sidecars that anybody may have written', async () => {
    await batch.run();
    batch.loseState();
    const odd = (changes: object, name: string) => {
      const known = JSON.parse(readFileSync(sidecarOf('fr'), 'utf8'));
      const path = join(batch.dir, `localized/spring/keynote/${name}.mp4.json`);
      writeFileSync(path, JSON.stringify({ ...known, job: 'keynote/it', prediction_id: name, ...changes }));
    };
    odd({ cost_usd: '-5.00' }, 'negative');
    odd({ cost_usd: { much: 1 }, estimate_usd: ['0.1'], duration_seconds: 'long' }, 'no-amount');
    odd({ cost_usd: `1${'0'.repeat(40)}` }, 'huge');
    odd({ job: { key: 'keynote/it' } }, 'no-key');
    odd({ job: 'keynote' }, 'no-language');
    odd({ prediction_id: { id: 1 } }, 'no-id');
    odd({ route: 7 }, 'no-route');
    expect((await batch.run({}, batch.plan(['de', 'fr', 'ja']))).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
    expect(spent('batch')).toMatchObject({ billedMicros: 3 * PRICE, atRiskMicros: 2 * PRICE, unpricedAttempts: 1 });
  });

  it('is said of what is no job of the batch, as counted in its own folder and not elsewhere', async () => {
    await batch.run();
    const elsewhere = join(batch.dir, 'elsewhere');
    cpSync(join(batch.dir, 'localized'), elsewhere, { recursive: true });
    batch.loseState();
    const plan = batch.plan(['ja']);
    const own = join(batch.dir, 'localized');
    renameSync(own, join(batch.dir, 'away'));
    const reasons = async (folder: string) => (await batch.adopt(folder, plan)).refused.map(({ reason }) => reason);
    const de = 'it is of keynote/de, which is no job of this batch';
    expect((await reasons(elsewhere))[0]).toBe(`${de}; its $0.15 is counted under no cap`);
    expect(spent('batch').billedMicros).toBe(0);
    renameSync(join(batch.dir, 'away'), own);
    expect((await reasons(own))[0]).toBe(`${de}; its $0.15 counts under the caps all the same`);
    expect(spent('batch').billedMicros).toBe(2 * PRICE);
  });
});
