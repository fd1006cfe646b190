import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationShare,
  firstOfCheapest,
  LEAST_POLL_MS,
  LEAST_SET_POLL_MS,
  type PollQuestion,
  pollDelayMs,
} from '../../src/index.js';

const NOTHING_SET = { firstMs: null, everyMs: null };

function question(over: Partial<PollQuestion> = {}): PollQuestion {
  return { ageMs: 0, polls: 0, expectedMs: 300_000, everyMs: 3_000, seen: [], set: NOTHING_SET, ...over };
}

const milliseconds = fc.integer({ min: 0, max: 24 * 3_600_000 });
const anyQuestion = fc.record({
  ageMs: milliseconds,
  polls: fc.integer({ min: 0, max: 1_000 }),
  expectedMs: milliseconds,
  everyMs: fc.integer({ min: 1, max: 60_000 }),
  seen: fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { maxLength: 64 }),
});

describe('the wait before a poll', () => {
  it('is what the manifest sets, to the letter', () => {
    const set = fc.record({ firstMs: milliseconds, everyMs: milliseconds });
    fc.assert(
      fc.property(anyQuestion, set, (asked, { firstMs, everyMs }) => {
        const first = pollDelayMs({ ...asked, polls: 0, ageMs: 0, set: { firstMs, everyMs: null } });
        expect(first).toBe(Math.max(LEAST_SET_POLL_MS, firstMs));
        const next = pollDelayMs({ ...asked, polls: asked.polls + 1, set: { firstMs: null, everyMs } });
        expect(next).toBe(Math.max(LEAST_SET_POLL_MS, everyMs));
      }),
    );
  });

  it('is the same of a scout where the manifest sets the first look', () => {
    const set = { firstMs: 20_000, everyMs: null };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 9 }), (ageMs, polls) => {
        const asked = question({ ageMs, polls, set });
        expect(pollDelayMs({ ...asked, isScout: true })).toBe(pollDelayMs(asked));
      }),
    );
  });

  it('of a scout tells its time to a quarter, in at most 15 looks more than another takes', () => {
    const looksUntil = (endsAt: number, isScout: boolean) => {
      let ageMs = 0;
      let polls = 0;
      for (; ageMs < endsAt; polls += 1) ageMs += pollDelayMs(question({ ageMs, polls, isScout }));
      return { ageMs, polls };
    };
    fc.assert(
      fc.property(fc.integer({ min: 15_000, max: 1_200_000 }), (endsAt) => {
        const scout = looksUntil(endsAt, true);
        expect(scout.ageMs).toBeLessThanOrEqual(endsAt * 1.26);
        expect(scout.polls).toBeLessThanOrEqual(looksUntil(endsAt, false).polls + 15);
      }),
      { numRuns: 40 },
    );
  });

  it('is otherwise a whole number of milliseconds between a third of the route’s interval and five minutes', () => {
    fc.assert(
      fc.property(anyQuestion, fc.boolean(), (asked, isScout) => {
        const wait = pollDelayMs({ ...asked, isScout, set: NOTHING_SET });
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.max(LEAST_POLL_MS, Math.floor(asked.everyMs / 3)));
        expect(wait).toBeLessThanOrEqual(300_000);
      }),
    );
  });

  it('is no shorter than the route’s page asks for, where it does', () => {
    fc.assert(
      fc.property(anyQuestion, fc.integer({ min: 100, max: 5_000 }), (asked, leastMs) => {
        expect(pollDelayMs({ ...asked, leastMs, set: NOTHING_SET })).toBeGreaterThanOrEqual(leastMs);
      }),
    );
  });

  it('passes over the time in which nothing has ever ended', () => {
    const seen = Array.from({ length: 30 }, (_, index) => 0.9 + index / 150);
    expect(pollDelayMs(question({ seen }))).toBeGreaterThan(269_000);
  });

  it('grows slowly for a prediction that takes longer than any before', () => {
    const seen = Array.from({ length: 30 }, () => 1);
    const at = (ageMs: number) => pollDelayMs(question({ seen, ageMs, polls: 9 }));
    expect(at(310_000)).toBeLessThan(10_000);
    expect(at(900_000)).toBeGreaterThan(at(400_000));
    expect(at(3_600_000)).toBeLessThan(30_000);
  });
});

describe('the cheapest polls', () => {
  it('cost no more than any other choice of polls, for samples small enough to try all', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(sample, fc.integer({ min: 0, max: 500 }), (unsorted, pollMs) => {
        const ends = [...unsorted].sort((a, b) => a - b);
        const costs = allSchedules(ends).map((polls) => ({ first: polls[0], cost: costOf(ends, polls, pollMs) }));
        const least = Math.min(...costs.map(({ cost }) => cost));
        const first = firstOfCheapest(ends, pollMs);
        expect(costs.filter(({ cost }) => cost === least).map((each) => each.first)).toContain(first);
      }),
    );
  });
});

/** Every way to poll at some of these times, the last among them. */
function allSchedules(ends: readonly number[]): number[][] {
  const earlier = ends.slice(0, -1);
  const last = ends.at(-1) ?? 0;
  return Array.from({ length: 2 ** earlier.length }, (_, bits) => [
    ...earlier.filter((_end, index) => (bits >> index) & 1),
    last,
  ]);
}

function costOf(ends: readonly number[], polls: readonly number[], pollMs: number): number {
  return ends.reduce((sum, end) => {
    const seenBy = polls.findIndex((poll) => poll >= end);
    return sum + pollMs * (seenBy + 1) + ((polls[seenBy] ?? 0) - end);
  }, 0);
}

type Draw = (random: () => number) => number;

/** Follows jobs one after another on a clock of its own. @returns polls a job, and the mean wait from end to knowing */
function follow(draw: Draw, options: { expectedMs: number; adapt: boolean; jobs?: number }) {
  const { expectedMs, adapt, jobs = 300 } = options;
  const everyMs = 3_000;
  let state = 7;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const set = adapt ? NOTHING_SET : { firstMs: expectedMs * 0.7, everyMs };
  const seen: number[] = [];
  let polled = 0;
  let waited = 0;
  for (let job = 0; job < jobs; job += 1) {
    const endsAt = draw(random);
    let openAtMs = 0;
    for (let polls = 0; ; polls += 1) {
      const ageMs = openAtMs + pollDelayMs({ ageMs: openAtMs, polls, expectedMs, everyMs, seen, set });
      polled += 1;
      if (ageMs >= endsAt) {
        waited += ageMs - endsAt;
        seen.push(durationShare({ openAtMs, endedByMs: ageMs }, { expectedMs, everyMs }));
        if (seen.length > 64) seen.shift();
        break;
      }
      openAtMs = ageMs;
    }
  }
  return { polls: polled / jobs, waitMs: waited / jobs };
}

function normal(meanMs: number, spread: number): Draw {
  return (random) => {
    const sum = Array.from({ length: 12 }, random).reduce((a, b) => a + b, -6);
    return meanMs * (1 + spread * sum);
  };
}

describe('polling that follows what was seen, beside a fixed interval of 3 s from 0.7 of the usual time on', () => {
  it('asks a third as often where the usual time is right, and knows within a hundredth of it', () => {
    const draw = normal(300_000, 0.03);
    const fixed = follow(draw, { expectedMs: 300_000, adapt: false });
    const adaptive = follow(draw, { expectedMs: 300_000, adapt: true });
    expect(adaptive.polls).toBeLessThan(fixed.polls / 2.5);
    expect(adaptive.waitMs).toBeLessThan(3_000);
  });

  it('finds out that a route is twice as fast as its usual time, instead of leaving slots idle', () => {
    const draw = normal(150_000, 0.1);
    const fixed = follow(draw, { expectedMs: 300_000, adapt: false });
    const adaptive = follow(draw, { expectedMs: 300_000, adapt: true });
    expect(fixed.waitMs).toBeGreaterThan(50_000);
    expect(adaptive.waitMs).toBeLessThan(3_000);
    expect(adaptive.polls).toBeLessThan(14);
  });

  it('asks a tenth as often where a route is three times as slow', () => {
    const draw = normal(900_000, 0.1);
    const fixed = follow(draw, { expectedMs: 300_000, adapt: false });
    const adaptive = follow(draw, { expectedMs: 300_000, adapt: true });
    expect(adaptive.polls).toBeLessThan(fixed.polls / 7);
    expect(adaptive.waitMs).toBeLessThan(900_000 / 100);
  });

  it('keeps to both ends of a route that is either quick or slow', () => {
    const draw: Draw = (random) => normal(random() < 0.5 ? 100_000 : 400_000, 0.05)(random);
    const fixed = follow(draw, { expectedMs: 300_000, adapt: false });
    const adaptive = follow(draw, { expectedMs: 300_000, adapt: true });
    expect(adaptive.polls).toBeLessThan(fixed.polls);
    expect(adaptive.waitMs).toBeLessThan(fixed.waitMs / 5);
  });
});
