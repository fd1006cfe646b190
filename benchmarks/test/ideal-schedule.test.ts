import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  idealSchedule,
  type LaneLimit,
  leastMakespanMs,
  makespanMs,
  type Scheduled,
} from '../src/bound/ideal-schedule.js';

const FREE: LaneLimit = { creates: 1_000, perMs: 1, concurrent: 1_000 };

const limits = fc.record({
  creates: fc.integer({ min: 1, max: 4 }),
  perMs: fc.integer({ min: 1, max: 500 }),
  concurrent: fc.integer({ min: 1, max: 4 }),
});
const batches = fc.record({
  limit: limits,
  lanes: fc.integer({ min: 1, max: 3 }),
  holds: fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 30 }),
  latency: fc.integer({ min: 0, max: 20 }),
});

describe('the ideal schedule', () => {
  it('starts everything at once where nothing limits', () => {
    expect(makespanMs(idealSchedule([FREE], [300, 500, 100], 5))).toBe(500);
  });

  it('opens a new window one reply after the old one was full', () => {
    const schedule = idealSchedule([{ ...FREE, creates: 2, perMs: 1_000 }], [50, 50, 50, 50, 50], 10);
    expect(schedule.map(({ startMs }) => startMs)).toEqual([0, 0, 1_010, 1_010, 2_020]);
    expect(makespanMs(schedule)).toBe(2_070);
  });

  it('gives a slot on as soon as a message can tell that it is free', () => {
    const schedule = idealSchedule([{ ...FREE, concurrent: 2 }], [100, 300, 100, 100], 10);
    expect(schedule.map(({ startMs }) => startMs)).toEqual([0, 0, 110, 220]);
  });

  it('shares the jobs over the lanes of several keys', () => {
    const lane = { ...FREE, concurrent: 1 };
    const schedule = idealSchedule([lane, lane, lane], [100, 100, 100, 100, 100, 100], 0);
    expect(schedule.map(({ lane: index }) => index)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(makespanMs(schedule)).toBe(200);
  });

  it('takes no time for no jobs', () => {
    expect(makespanMs(idealSchedule([FREE], [], 5))).toBe(0);
    expect(leastMakespanMs([FREE], [], 5)).toBe(0);
  });

  it('never breaks a limit', () => {
    fc.assert(
      fc.property(batches, ({ limit, lanes, holds, latency }) => {
        const schedule = idealSchedule(Array(lanes).fill(limit), holds, latency);
        for (let lane = 0; lane < lanes; lane += 1) {
          const own = schedule.filter((each) => each.lane === lane);
          for (const { startMs } of own) {
            expect(startsIn(own, startMs, startMs + limit.perMs)).toBeLessThanOrEqual(limit.creates);
            expect(openAt(own, startMs)).toBeLessThanOrEqual(limit.concurrent);
          }
        }
      }),
    );
  });

  it('is never beaten by a client that dawdles before its creates', () => {
    fc.assert(
      fc.property(
        batches,
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 30, maxLength: 30 }),
        (batch, dawdles) => {
          const { limit, lanes, holds, latency } = batch;
          const ideal = makespanMs(idealSchedule(Array(lanes).fill(limit), holds, latency));
          // Dawdling before a create keeps its slot from others for as long, which is all that a schedule can see of it.
          const slower = holds.map((holdMs, index) => holdMs + (dawdles[index] ?? 0));
          const dawdled = makespanMs(idealSchedule(Array(lanes).fill(limit), slower, latency));
          expect(ideal).toBeLessThanOrEqual(dawdled);
        },
      ),
    );
  });

  it('is at least what holds for any order', () => {
    fc.assert(
      fc.property(batches, ({ limit, lanes, holds, latency }) => {
        const all = Array(lanes).fill(limit);
        const ideal = makespanMs(idealSchedule(all, holds, latency));
        expect(leastMakespanMs(all, holds, latency)).toBeLessThanOrEqual(ideal);
      }),
    );
  });
});

function startsIn(schedule: readonly Scheduled[], fromMs: number, toMs: number): number {
  return schedule.filter(({ startMs }) => startMs >= fromMs && startMs < toMs).length;
}

function openAt(schedule: readonly Scheduled[], atMs: number): number {
  return schedule.filter(({ startMs, endMs }) => startMs <= atMs && atMs < endMs).length;
}
