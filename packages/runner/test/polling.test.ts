import type { Plan, PollSettings, Provider, StatusResult } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lanePlan, leaveOpen } from '../testing/lane-plan.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

function planOf(count: number, concurrent: number, poll: PollSettings): Plan {
  const limits = { creates: 1_000, perMs: 60_000, concurrent };
  return lanePlan(batch, { name: 'spring', count, limits, poll, timeoutMs: 3 * 3_600_000 });
}

/** A route whose page says 300 s and an interval of 3 s. */
function catalogueOf() {
  const { catalogue } = batch.scripted;
  const usual = { ...catalogue.routes[0]!.usual, fixedSeconds: 300 };
  const poll = { ...catalogue.routes[0]!.poll, everyMs: 3_000 };
  return { ...catalogue, routes: catalogue.routes.map((route) => ({ ...route, usual, poll })) };
}

/** Makes predictions that end when `secondsOf` says, and counts what it is asked. */
function timedProvider(clock: SkippingClock, secondsOf: () => number) {
  const { provider } = batch.scripted;
  const endsAt = new Map<string, number>();
  const seen = { polls: 0, waitedMs: 0 };
  const timed: Provider = {
    ...provider,
    start: async (...call) => {
      const result = await provider.start(...call);
      if (result.outcome === 'accepted') endsAt.set(result.predictionId, clock.nowMs() + secondsOf() * 1_000);
      return result;
    },
    status: async (...call): Promise<StatusResult> => {
      seen.polls += 1;
      const late = clock.nowMs() - (endsAt.get(String(call[1].id)) ?? 0);
      if (late < 0) return { state: 'pending', phase: 'running' };
      seen.waitedMs += late;
      return provider.status(...call);
    },
  };
  return { providers: new Map([['acme', timed]]), seen };
}

describe('polling on a virtual clock', () => {
  it('learns within a run how long a route takes, and then asks seldom and knows soon', async () => {
    const clock = new SkippingClock();
    const count = 24;
    const seconds = Array.from({ length: count }, (_, index) => 90 + ((index * 7) % 20));
    const left = [...seconds];
    const { providers, seen } = timedProvider(clock, () => left.shift() ?? 0);
    const plan = planOf(count, 4, { firstMs: null, everyMs: null });
    expect((await batch.run({ clock, providers, catalogue: catalogueOf() }, plan)).exit).toBe(0);
    // What the page's interval of 3 s would have asked, had it begun at 0.7 of the time that these really take.
    const fixed = seconds.reduce((sum, each) => sum + 1 + (each - 70) / 3, 0) / count;
    expect(seen.polls / count).toBeLessThan(fixed * 0.8);
    // The page says 300 s: a first look at 0.7 of that would have come 110 s late, every time.
    expect(seen.waitedMs / count).toBeLessThan(15_000);
    expect(batch.snapshot().jobs.every(({ state }) => state === 'succeeded')).toBe(true);
  }, 60_000);

  it.each([
    { seconds: 20, what: 'a fifteenth of', most: 1.3, polls: 4 },
    { seconds: 300, what: 'as long as', most: 1.05, polls: 13 },
    { seconds: 900, what: 'three times', most: 1.05, polls: 31 },
  ])(
    'keeps few slots idle where jobs take $what what the page says',
    async ({ seconds, most, polls }) => {
      const clock = new SkippingClock();
      const startMs = clock.nowMs();
      const { providers, seen } = timedProvider(clock, () => seconds);
      const plan = planOf(40, 10, { firstMs: null, everyMs: null });
      expect((await batch.run({ clock, providers, catalogue: catalogueOf() }, plan)).exit).toBe(0);
      const idealMs = 4 * seconds * 1_000;
      expect((clock.nowMs() - startMs) / idealMs).toBeLessThan(most);
      expect(seen.polls / 40).toBeLessThan(polls);
    },
    60_000,
  );

  it('finds out that a route has become much faster than this run has seen it', async () => {
    const clock = new SkippingClock();
    const startMs = clock.nowMs();
    let begun = 0;
    const { providers, seen } = timedProvider(clock, () => (begun++ < 20 ? 300 : 20));
    const plan = planOf(120, 10, { firstMs: null, everyMs: null });
    expect((await batch.run({ clock, providers, catalogue: catalogueOf() }, plan)).exit).toBe(0);
    const idealMs = (2 * 300 + 10 * 20) * 1_000;
    // One generation of the quick ones is looked at as late as the slow ones were: that shows it.
    expect(clock.nowMs() - startMs).toBeLessThan(idealMs + 400_000);
    expect(seen.polls / 120).toBeLessThan(6);
  }, 60_000);

  it('has another scout where the first one failed', async () => {
    const clock = new SkippingClock();
    const startMs = clock.nowMs();
    const { providers } = timedProvider(clock, () => 20);
    const timed = providers.get('acme')!;
    const failure = { kind: 'rejected-content' as const, message: 'no' };
    const failing: Provider = {
      ...timed,
      status: async (...call) => {
        if (String(call[1].id) !== 'prediction-1') return timed.status(...call);
        return { state: 'failed', failure, canceled: false, costMicros: 0 };
      },
    };
    const plan = planOf(10, 10, { firstMs: null, everyMs: null });
    await batch.run({ clock, providers: new Map([['acme', failing]]), catalogue: catalogueOf() }, plan);
    const states = batch.snapshot().jobs.map(({ state }) => state);
    expect(states.filter((state) => state === 'succeeded')).toHaveLength(9);
    expect(clock.nowMs() - startMs).toBeLessThan(1.6 * 20_000);
  });

  it('sends a scout among what a stopped run left open, too', async () => {
    const clock = new SkippingClock();
    const { providers, seen } = timedProvider(clock, () => 60);
    const plan = planOf(10, 10, { firstMs: null, everyMs: null });
    const startMs = clock.nowMs();
    await leaveOpen(batch, plan, { provider: providers.get('acme')!, clock, catalogue: catalogueOf() });
    expect(clock.nowMs() - startMs).toBeLessThan(30_000);
    expect((await batch.run({ clock, providers, catalogue: catalogueOf() }, plan)).exit).toBe(0);
    expect(clock.nowMs() - startMs).toBeLessThan(1.3 * 60_000);
    expect(seen.polls).toBeLessThan(40);
  });

  it('looks when the manifest says, whatever the route’s page says', async () => {
    const clock = new SkippingClock();
    const { providers, seen } = timedProvider(clock, () => 59);
    const plan = planOf(1, 1, { firstMs: 20_000, everyMs: 10_000 });
    await batch.run({ clock, providers, catalogue: catalogueOf() }, plan);
    expect(seen.polls).toBe(5);
  });
});

describe('polls that were not answered for a moment', () => {
  it('delay no result that comes later, however often it was asked for before', async () => {
    const clock = new SkippingClock();
    const { providers, seen } = timedProvider(clock, () => 120);
    const timed = providers.get('acme')!;
    const startMs = clock.nowMs();
    const failure = { kind: 'provider' as const, message: '503' };
    const hiccup: Provider = {
      ...timed,
      status: async (...call) => {
        const age = clock.nowMs() - startMs;
        if (age > 112_000 && age < 114_000) return { state: 'unanswered', failure };
        return timed.status(...call);
      },
    };
    const plan = planOf(8, 8, { firstMs: 1_000, everyMs: 1_000 });
    const providersNow = new Map([['acme', hiccup]]);
    await batch.run({ clock, providers: providersNow, catalogue: catalogueOf(), random: () => 0.9 }, plan);
    expect(seen.waitedMs / 8).toBeLessThan(3_000);
  });
});

describe('polls that nobody answers any more', () => {
  it('have their job held at the timeout, however seldom they are asked by then', async () => {
    const clock = new SkippingClock();
    const { providers } = timedProvider(clock, () => 9_999);
    const failure = { kind: 'auth' as const, message: '401' };
    const refused: Provider = {
      ...providers.get('acme')!,
      status: async () => ({ state: 'unanswered', failure }),
    };
    const plan = planOf(1, 1, { firstMs: 1_000, everyMs: 1_000 });
    const timeoutMs = 100_000;
    const startMs = clock.nowMs();
    const limited = { ...plan, providers: { acme: { ...plan.providers.acme!, timeoutMs } } };
    const providersNow = new Map([['acme', refused]]);
    await batch.run({ clock, providers: providersNow, catalogue: catalogueOf(), random: () => 0.9 }, limited);
    expect(batch.snapshot().jobs).toMatchObject([{ state: 'held', holdReason: 'key-missing' }]);
    expect(clock.nowMs() - startMs).toBeLessThan(timeoutMs + 2_000);
  });
});

describe('a poll that is never answered', () => {
  it('holds up no other, however many there are', async () => {
    const { provider } = batch.scripted;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let done = 0;
    const stuck: Provider = {
      ...provider,
      status: async (...call) => {
        const [, reference] = call;
        const index = Number(String(reference.id).replace('prediction-', ''));
        if (index <= 40) await released;
        return provider.status(...call);
      },
    };
    const plan = planOf(48, 48, { firstMs: null, everyMs: null });
    const onEvent = (event: RunEvent) => {
      if (event.type === 'job:state' && event.to === 'succeeded') done += 1;
      // The eight that are answered are on the disk while the forty others hang.
      if (done === 8) release();
    };
    const outcome = await batch.run({ providers: new Map([['acme', stuck]]), onEvent }, plan);
    expect(outcome.exit).toBe(0);
    expect(done).toBe(48);
  });
});

describe('the polls of one lane', () => {
  it('keep to their pace, and those of another lane to theirs', async () => {
    const clock = new SkippingClock();
    const { provider } = batch.scripted;
    const polledAt: number[] = [];
    const counted: Provider = {
      ...provider,
      status: async (...call) => {
        polledAt.push(clock.nowMs());
        return provider.status(...call);
      },
    };
    // All 30 fall due at once; ten a second may leave.
    const plan = planOf(30, 10, { firstMs: null, everyMs: null });
    await leaveOpen(batch, planOf(30, 30, { firstMs: null, everyMs: null }));
    await batch.run({ clock, providers: new Map([['acme', counted]]) }, plan);
    const within = (ms: number) => polledAt.filter((at) => at - (polledAt[0] ?? 0) < ms).length;
    expect(polledAt).toHaveLength(30);
    expect(within(50)).toBeLessThanOrEqual(11);
    expect(within(1_000)).toBeLessThanOrEqual(20);
  });
});
