import { type Plan, type Provider, secret, WINDOW_MARGIN_MS } from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunEvent, readLanes, setLaneLimits } from '../src/index.js';
import { admit } from '../src/lanes/admission.js';
import { openLanes } from '../src/lanes/open-lanes.js';
import { updateRows } from '../src/store/rows.js';
import { lanes } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

function planOf(count: number, limits: Plan['providers'][string]['limits']): Plan {
  const plan = batch.plan(Array.from({ length: count }, (_, index) => `l-${index}`));
  return { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
}

const key = (variable: string) => ({ provider: 'acme', variable, account: null, key: secret(variable) });

describe('limits that are set while a batch runs', () => {
  it('hold from then on, in both directions, without a signal to the run', async () => {
    const clock = new SkippingClock();
    const { provider } = batch.scripted;
    const open = new Set<string>();
    const openAtOnce: number[] = [];
    const change = (concurrent: number) => setLaneLimits(batch.store, { provider: 'acme', to: { concurrent } }, 0);
    const watched: Provider = {
      ...provider,
      start: async (...call) => {
        const result = await provider.start(...call);
        if (result.outcome === 'accepted') open.add(result.predictionId);
        openAtOnce.push(open.size);
        if (openAtOnce.length === 6) change(2);
        if (openAtOnce.length === 12) change(4);
        return result;
      },
      status: async (...call) => {
        const id = String(call[1].id);
        // One ends with each look, so that the slots free one by one.
        if ([...open][0] !== id) return { state: 'pending', phase: 'running' };
        open.delete(id);
        return provider.status(...call);
      },
    };
    const plan = planOf(24, { creates: 1_000, perMs: 60_000, concurrent: 6 });
    const outcome = await batch.run({ clock, providers: new Map([['acme', watched]]) }, plan);
    expect(outcome.exit).toBe(0);
    expect(Math.max(...openAtOnce.slice(0, 6))).toBe(6);
    expect(Math.max(...openAtOnce.slice(6, 12))).toBeLessThanOrEqual(2);
    expect(Math.max(...openAtOnce.slice(12))).toBe(4);
  });

  it('are kept by a lane whose key variable was renamed, and start a lane that is new', () => {
    const plan = planOf(1, { creates: 9, perMs: 60_000, concurrent: 6 });
    const open = (...names: string[]) =>
      openLanes(
        batch.store,
        plan,
        names.map((name) => ({ ...key(name), key: secret(name.replace('RENAMED', 'KEY_A')) })),
        () => 'host',
      );
    open('KEY_A');
    setLaneLimits(batch.store, { provider: 'acme', to: { creates: 7 }, only: ({ display }) => display === 'KEY_A' }, 0);
    setLaneLimits(batch.store, { provider: 'acme', to: { concurrent: 3 } }, 0);
    open('RENAMED', 'KEY_B');
    const inForce = () => readLanes(batch.store, { nowMs: 0 }).map(({ lane, limits, from }) => [lane, limits, from]);
    const [planned, command] = ['manifest', 'command'];
    expect(inForce()).toEqual([
      [
        'KEY_B',
        { creates: 9, perMs: 60_000, concurrent: 3 },
        { creates: planned, perMs: planned, concurrent: command },
      ],
      [
        'RENAMED',
        { creates: 7, perMs: 60_000, concurrent: 3 },
        { creates: command, perMs: planned, concurrent: command },
      ],
    ]);
    setLaneLimits(batch.store, { provider: 'acme', to: 'reset' }, 0);
    expect(inForce().map(([, limits]) => limits)).toEqual([plan.providers.acme!.limits, plan.providers.acme!.limits]);
  });
});

describe('what a lane is said to wait for', () => {
  it('is its pause after a 429, and then the learned ceiling is told apart from the limit', async () => {
    const clock = new SkippingClock();
    const stop = new AbortController();
    const { provider } = batch.scripted;
    let starts = 0;
    const throttling: Provider = {
      ...provider,
      start: async (...call) => {
        starts += 1;
        if (starts < 4) return provider.start(...call);
        return { outcome: 'refused', failure: { kind: 'rate-limit', message: 'slow down', retryAfterMs: 90_000 } };
      },
      status: async () => ({ state: 'pending', phase: 'running' }),
    };
    const onEvent = (event: RunEvent) => {
      if (event.type === 'lane:paused') stop.abort();
    };
    const plan = planOf(4, { creates: 100, perMs: 60_000, concurrent: 9 });
    await batch.run({ clock, stop: stop.signal, onEvent, providers: new Map([['acme', throttling]]) }, plan);
    const [lane] = readLanes(batch.store, { nowMs: clock.nowMs(), batch: 'spring' });
    expect(lane).toMatchObject({
      open: 3,
      inWindow: 4,
      learnedConcurrent: 3,
      limits: { concurrent: 9 },
      waitingJobs: 1,
    });
    expect(lane!.wait).toMatchObject({ for: 'pause', cause: 'rate-limit' });
    // The window is not full, and yet each place that is taken is so for what is left of a minute.
    const places = lane!.placesFreeAtMs.map((at) => at - clock.nowMs());
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.filter((left) => left > 50_000 && left <= 60_000 + WINDOW_MARGIN_MS)).toHaveLength(4);
  });

  it('is nothing but a job exactly when it would take a create', async () => {
    const plan = planOf(3, { creates: 2, perMs: 60_000, concurrent: 2 });
    const stop = new AbortController();
    stop.abort();
    await batch.run({ stop: stop.signal }, plan);
    const [lane] = openLanes(batch.store, plan, [key('ACME_KEY')], () => 'host');
    const now = 1_000_000;
    const state = fc.record({
      closed: fc.constantFrom(null, 'auth: no'),
      pausedUntil: fc.integer({ min: now - 2, max: now + 2 }),
      doubts: fc.integer({ min: 0, max: 3 }),
      throttled: fc.integer({ min: 0, max: 2 }),
      learnedConcurrent: fc.constantFrom(null, 1),
      setConcurrent: fc.constantFrom(null, 1, 5),
    });
    fc.assert(
      fc.property(state, (row) => {
        updateRows(batch.store, lanes, row, { id: lane!.id });
        const [seen] = readLanes(batch.store, { nowMs: now, batch: 'spring', only: ({ host }) => host === 'host' });
        expect(seen!.waitingJobs).toBe(3);
        expect(seen!.wait.for === 'job').toBe(admit(batch.store, { lane: lane!, batchId: 1 }, now).admitted);
      }),
    );
  });
});
