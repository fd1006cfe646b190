import type { StatusResult, WorkLeft } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock, type RunEvent, readWork } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const PENDING: StatusResult = { state: 'pending', phase: 'running' };

/** What a run of three languages, one at a time, has before it when something happens in it. */
async function lookWhen(happens: (event: RunEvent) => boolean): Promise<WorkLeft | null> {
  const plan = batch.plan(['de', 'fr', 'ja']);
  const acme = plan.providers.acme!;
  const one = { ...plan, providers: { acme: { ...acme, limits: { ...acme.limits, concurrent: 1 } } } };
  let work: WorkLeft | null = null;
  const onEvent = (event: RunEvent) => {
    if (work !== null || !happens(event)) return;
    const nowMs = bootClock(batch.store).nowMs();
    work = readWork(batch.store, { nowMs, batch: 'spring', usualMs: (_, lengthMs) => (lengthMs ?? 0) * 2 });
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
    const clock = new SkippingClock(Date.now());
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
});
