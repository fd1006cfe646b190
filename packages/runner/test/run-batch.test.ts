import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, factsBeside, formerNameAtWork, PlanLook, readLanes } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de', 'fr', 'ja']);
});
afterEach(() => batch.close());

const states = () => batch.snapshot().jobs.map((job) => job.state);
const job = (key: string) => batch.snapshot().jobs.find((each) => each.key === key)!;

describe('a run', () => {
  it('turns every job into a verified video on disk with a sidecar', async () => {
    const outcome = await batch.run();
    expect(outcome).toMatchObject({ why: 'finished', exit: 0 });
    expect(states()).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const { output, outputSha256 } = job('keynote/de');
    expect(statSync(output!).size).toBeGreaterThan(1000);
    const sidecar = JSON.parse(readFileSync(`${output}.json`, 'utf8'));
    expect(sidecar).toMatchObject({ job: 'keynote/de', sha256: outputSha256, route: 'acme/lips', cost_usd: '0.15' });
    expect(costTotals(batch.snapshot().jobs)).toMatchObject({ billedMicros: 450_000, inFlightMicros: 0 });
    expect(existsSync(`${output}.part`)).toBe(false);
  });

  it('skips what is done when it is run again', async () => {
    await batch.run();
    batch.reopen();
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
    expect(batch.scripted.outputStatus.requests).toBe(3);
  });

  it('fetches an output that was deleted again, without buying it again', async () => {
    await batch.run();
    rmSync(job('keynote/fr').output!);
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(existsSync(job('keynote/fr').output!)).toBe(true);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('continues a download that broke off', async () => {
    batch.scripted.outputStatus.truncateOnce = true;
    expect((await batch.run()).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('holds a create whose reply was lost, and buys nothing for it in the next run', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const outcome = await batch.run();
    expect(outcome.exit).toBe(1);
    expect(states().sort()).toEqual(['held', 'succeeded', 'succeeded']);
    const held = batch.snapshot().jobs.find((each) => each.state === 'held')!;
    expect(held).toMatchObject({
      holdReason: 'uncertain',
      mend: expect.stringContaining(`settle manifest.yaml ${held.key}`),
    });
    expect(costTotals(batch.snapshot().jobs).atRiskMicros).toBe(150_000);
    await batch.run();
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('adopts a lost create that the provider lists with our inputs', async () => {
    batch.scripted.nextStarts.push('uncertain');
    const candidate = {
      predictionId: 'prediction-1',
      reference: { id: 'prediction-1' },
      createdAtMs: Date.now(),
      isTimely: true,
      status: 'done',
    };
    batch.scripted.found.result = { state: 'listed', candidates: [{ ...candidate, inputs: 'same' }] };
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('waits out a 429 and spends no attempt on it', async () => {
    batch.scripted.nextStarts.push('refused');
    batch.scripted.refusal.retryAfterMs = 300;
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.snapshot().lanes[0]?.rateLimited).toBe(1);
    expect(batch.scripted.starts).toHaveLength(3);
  });

  it('closes a lane whose key is refused and holds its jobs', async () => {
    batch.scripted.refusal.kind = 'auth';
    batch.scripted.nextStarts.push('refused', 'refused', 'refused');
    const outcome = await batch.run();
    expect(outcome.exit).toBe(1);
    expect(states()).toEqual(['held', 'held', 'held']);
    expect(job('keynote/de').holdReason).toBe('lane-closed');
    expect(batch.snapshot().lanes[0]?.stops).toMatchObject([{ cause: 'closed', untilMs: null }]);
    batch.scripted.nextStarts.splice(0);
    expect((await batch.run()).exit).toBe(0);
    expect(batch.snapshot().lanes[0]?.stops).toMatchObject([{ cause: 'closed', untilMs: expect.any(Number) }]);
  });

  it('tells until when an attempt in doubt holds its slot, and counts it in every document as in the limits', async () => {
    batch.scripted.nextStarts.push('uncertain');
    await batch.run({}, batch.plan(['de']));
    const open = () => [
      batch.snapshot().lanes[0]?.open,
      readLanes(batch.store, { nowMs: bootClock(batch.store).nowMs() })[0]?.open,
    ];
    const [attempt] = job('keynote/de').attempts;
    expect(attempt).toMatchObject({ state: 'uncertain', slotUntilMs: expect.any(Number) });
    expect(attempt?.slotUntilMs).toBeGreaterThan(attempt?.createdAtMs ?? 0);
    expect(open()).toEqual([1, 1]);
    const before = factsBeside(batch.store, 'spring');
    batch.store.sqlite.exec('UPDATE attempts SET slot_until = intended_at');
    expect(open()).toEqual([0, 0]);
    expect(factsBeside(batch.store, 'spring')).not.toBe(before);
    expect(job('keynote/de').attempts[0]?.slotUntilMs).toBe(attempt?.createdAtMs);
  });

  it('fails a job whose input is refused and goes on with the others', async () => {
    batch.scripted.refusal.kind = 'invalid-input';
    batch.scripted.nextStarts.push('refused');
    const outcome = await batch.run();
    expect(outcome.exit).toBe(1);
    expect(states().sort()).toEqual(['failed', 'succeeded', 'succeeded']);
  });

  it('puts a job back when the connection was never made', async () => {
    batch.scripted.nextStarts.push('unsent');
    const outcome = await batch.run();
    expect(outcome.exit).toBe(0);
    expect(batch.snapshot().jobs.flatMap((each) => each.attempts)).toHaveLength(3);
  });

  it('never has more open attempts than the lane allows, nor more creates than its window', async () => {
    const languages = ['de', 'fr', 'ja', 'es', 'it', 'nl', 'pl', 'sv'];
    const plan = batch.plan(languages);
    const acme = { ...plan.providers.acme!, limits: { creates: 3, perMs: 400, concurrent: 2 } };
    await batch.run({}, { ...plan, providers: { acme } });
    const times = batch.scripted.starts.map(({ atMs }) => atMs);
    expect(times).toHaveLength(8);
    for (let i = 3; i < times.length; i += 1) expect(times[i]! - times[i - 3]!).toBeGreaterThanOrEqual(400);
  });

  it('stops creating at the budget and exits 3', async () => {
    const cap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 300_000 } as const;
    const budget = { caps: [cap], marginPercent: 0, confirmAboveMicros: 0 };
    const outcome = await batch.run({}, batch.plan(['de', 'fr', 'ja'], { budget }));
    expect(outcome).toMatchObject({ why: 'budget', exit: 3 });
    expect(batch.scripted.starts).toHaveLength(2);
  });

  it('sends no create after the stop signal and leaves nothing uncertain', async () => {
    const stop = new AbortController();
    stop.abort();
    const outcome = await batch.run({ stop: stop.signal });
    expect(outcome).toMatchObject({ why: 'interrupted', exit: 130 });
    expect(batch.scripted.starts).toHaveLength(0);
    expect(states()).toEqual(['pending', 'pending', 'pending']);
  });

  it('refuses a batch that another run holds', async () => {
    const first = batch.run();
    await expect(batch.run()).rejects.toMatchObject({ code: 'BATCH_LOCKED' });
    await first;
  });

  it('refuses a manifest that was given another name while its run is at work, as the plan says', async () => {
    const renamed = batch.plan(['de', 'fr', 'ja'], { batch: 'summer' });
    const path = join(batch.dir, 'manifest.yaml');
    const first = batch.run();
    await expect(batch.run({}, renamed)).rejects.toMatchObject({
      code: 'BATCH_LOCKED',
      message: expect.stringContaining('the batch spring is held'),
    });
    const asking = { plan: renamed, manifestPath: path };
    const refused = () => formerNameAtWork(batch.store, asking, new PlanLook(batch.store, renamed));
    expect(await refused()).toContain('the batch spring, as this manifest was named, is at work');
    await first;
    expect(await refused()).toBeNull();
    expect((await batch.run({}, renamed)).exit).toBe(0);
    expect(batch.scripted.starts).toHaveLength(3);
  });
});
