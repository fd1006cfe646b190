import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedJob, StatusResult, WholePlan, WorkLeft } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, fileStamp, type RunEvent, readWork } from '../src/index.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const PACE = { bytesPerMs: 10, sentBytes: 1_000 };
const PENDING: StatusResult = { state: 'pending', phase: 'running' };

/** What a run of three languages, one at a time, has before it when something happens in it. */
async function lookWhen(
  happens: (event: RunEvent) => boolean,
  plan = batch.plan(['de', 'fr', 'ja']),
): Promise<WorkLeft | null> {
  const acme = plan.providers.acme!;
  const one = { ...plan, providers: { acme: { ...acme, limits: { ...acme.limits, concurrent: 1 } } } };
  let work: WorkLeft | null = null;
  const onEvent = (event: RunEvent) => {
    if (work !== null || !happens(event)) return;
    const nowMs = bootClock(batch.store).nowMs();
    work = readWork(batch.store, {
      nowMs,
      batch: 'spring',
      usualMs: (_, lengthMs) => (lengthMs ?? 0) * 2,
      destinationOf: () => 'acme@api.acme.example',
      paceOf: () => PACE,
    });
    batch.scripted.statuses.clear();
  };
  expect((await batch.run({ onEvent }, one)).exit).toBe(0);
  return work;
}

describe('what a run has still before it', () => {
  it('is what is open and what waits, with how long earlier predictions and downloads took', async () => {
    expect((await batch.run()).exit).toBe(0);
    batch.scripted.statuses.set('prediction-2', PENDING);
    const work = await lookWhen((event) => event.type === 'attempt:state' && event.to === 'accepted');
    const usual = { usualMs: 10_000, seen: [expect.any(Number)] };
    expect(work).toMatchObject({
      open: [{ provider: 'acme', lane: 'ACME_KEY', isAwaited: true, ...usual }],
      waiting: [{ provider: 'acme', ...usual }],
      results: [],
      downloads: [expect.any(Number)],
    });
    const { sinceMs, slotUntilMs } = work?.open[0] ?? { sinceMs: 0, slotUntilMs: 0 };
    expect(slotUntilMs).toBeGreaterThan(sinceMs);
  });

  it('learns nothing of a prediction that ended while no run looked, and counts its download apart', async () => {
    batch.scripted.statuses.set('prediction-1', PENDING);
    const stop = new AbortController();
    // A minute ago: it skips ahead of the time, and the next run begins after it.
    const clock = new SkippingClock(Date.now() - 60_000);
    const onEvent = (event: RunEvent) => {
      if (event.type === 'attempt:state' && event.to === 'accepted') stop.abort();
    };
    expect((await batch.run({ clock, stop: stop.signal, onEvent })).exit).toBe(130);
    const downloading = (event: RunEvent) =>
      event.type === 'job:state' && event.key === 'keynote/de' && event.to === 'downloading';
    batch.scripted.statuses.clear();
    const work = await lookWhen(downloading);
    expect(work).toMatchObject({ results: [{ provider: 'acme', results: 1 }], downloads: [] });
    expect(work?.waiting.map(({ seen }) => seen)).toEqual([[], []]);
  });

  it('is the files that have not gone up yet, each counted once', async () => {
    const file = (name: string) => {
      const path = join(MEDIA, name);
      const seen = fileStamp(statSync(path, { bigint: true }));
      return { kind: 'file' as const, path, seen };
    };
    const [video, audio] = [file('welcome.mp4'), file('audio/fr/welcome.mp3')];
    const of = (tags: readonly string[]): WholePlan => {
      const plan = batch.plan(tags);
      const own = (job: PlannedJob) =>
        job.language === 'de' ? job : { ...job, voices: { kind: 'one', audio } as const };
      return { ...plan, jobs: plan.jobs.map((job) => ({ ...own(job), video })) };
    };
    const atStart = async (tags: readonly string[]) =>
      (await lookWhen(({ type }) => type === 'run:started', of(tags)))?.uploads;
    const left = (bytes: number) => [{ providers: ['acme'], bytes, bytesPerMs: 10, atMs: expect.any(Number) }];
    const sent = PACE.sentBytes;
    expect(await atStart(['de'])).toEqual(left(video.seen.bytes - sent));
    expect(await atStart(['de', 'fr', 'ja'])).toEqual(left(audio.seen.bytes - sent));
    expect(await atStart(['de', 'fr', 'ja', 'es'])).toEqual(left(0));
  });
});
