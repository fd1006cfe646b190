import { type Plan, type Provider, secret } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaneKey } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lanePlan } from '../testing/lane-plan.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const key = (variable: string): LaneKey => ({ provider: 'acme', variable, account: null, key: secret(variable) });
const KEYS = ['KEY_A', 'KEY_B', 'KEY_C'].map(key);

function planOf(name: string, count: number): Plan {
  return lanePlan(batch, { name, count, limits: { creates: 100, perMs: 60_000, concurrent: 8 } });
}

/** Leaves so many predictions of another batch open on a key, as a killed run would. */
async function leaveOpen(variable: string, count: number, clock: SkippingClock): Promise<void> {
  const stop = new AbortController();
  const { starts, statuses, provider } = batch.scripted;
  const enough = starts.length + count;
  const stopping: Provider = {
    ...provider,
    start: async (...call) => {
      statuses.set(`prediction-${starts.length + 1}`, { state: 'pending', phase: 'running' });
      const result = await provider.start(...call);
      if (starts.length === enough) stop.abort();
      return result;
    },
  };
  const providers = new Map([['acme', stopping]]);
  await batch.run({ clock, providers, keys: [key(variable)], stop: stop.signal }, planOf(`other-${variable}`, count));
}

function created(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { lane } of batch.snapshot().jobs.flatMap((job) => job.attempts)) counts[lane] = (counts[lane] ?? 0) + 1;
  return counts;
}

describe('three keys of one provider', () => {
  it('share a batch evenly when none is busy', async () => {
    await batch.run({ clock: new SkippingClock(), keys: KEYS }, planOf('spring', 12));
    expect(created()).toEqual({ KEY_A: 4, KEY_B: 4, KEY_C: 4 });
  });

  it('of different loads are brought to one load', async () => {
    const clock = new SkippingClock();
    await leaveOpen('KEY_A', 4, clock);
    await leaveOpen('KEY_B', 2, clock);
    const { provider, statuses } = batch.scripted;
    const started: string[] = [];
    // Every prediction stays open until all are: what a lane took is then its load.
    const waiting: Provider = {
      ...provider,
      start: async (...call) => {
        const result = await provider.start(...call);
        if (result.outcome === 'accepted') started.push(result.predictionId);
        return result;
      },
      status: async (...call) =>
        started.length < 6 && !statuses.has(String(call[1].id))
          ? { state: 'pending', phase: 'running' }
          : provider.status(...call),
    };
    await batch.run({ clock, keys: KEYS, providers: new Map([['acme', waiting]]) }, planOf('spring', 6));
    expect(created()).toEqual({ KEY_B: 2, KEY_C: 4 });
  });

  it('go on without one that is refused, and without one whose provider answers nothing', async () => {
    const { provider } = batch.scripted;
    const troubled: Provider = {
      ...provider,
      start: async (request, call) => {
        const opened = call.connection.key.reveal();
        if (opened === 'KEY_A') return { outcome: 'refused', failure: { kind: 'auth', message: 'no such key' } };
        if (opened === 'KEY_B') return { outcome: 'unsent', failure: { kind: 'network', message: 'refused' } };
        return provider.start(request, call);
      },
    };
    const clock = new SkippingClock();
    const startedAt = clock.nowMs();
    const providers = new Map([['acme', troubled]]);
    const outcome = await batch.run({ clock, keys: KEYS, providers }, planOf('spring', 12));
    expect(outcome.exit).toBe(0);
    const attempts = batch.snapshot().jobs.flatMap((job) => job.attempts);
    expect(attempts.filter(({ state }) => state === 'completed').map(({ lane }) => lane)).toEqual(
      Array.from({ length: 12 }, () => 'KEY_C'),
    );
    // The unreachable key backs off for seconds at a time; the jobs that it gave back did not wait for it.
    expect(clock.nowMs() - startedAt).toBeLessThan(10_000);
  });
});
