import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLLS_PER_SECOND, pollPace, rested, takePlace } from '../../src/index.js';

describe('the pace of polls', () => {
  it('never lets more leave than it allows, however they fall due', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), waits, (perSecond, gaps) => {
        let now = 0;
        let state = rested({ perSecond }, now);
        const left: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const place = takePlace({ perSecond }, state, now);
          if (!place.taken) {
            expect(place.untilMs).toBeGreaterThan(now);
            continue;
          }
          state = place.state;
          left.push(now);
        }
        for (const [first, from] of left.entries()) {
          for (const [last, to] of left.entries()) {
            if (last < first) continue;
            expect(last - first + 1).toBeLessThanOrEqual(perSecond + ((to - from) * perSecond) / 1_000 + 1e-6);
          }
        }
      }),
    );
  });

  it('opens when it says so', () => {
    const pace = { perSecond: 3 };
    const place = takePlace(pace, { tokens: 0, atMs: 0 }, 0);
    expect(place).toEqual({ taken: false, untilMs: 334 });
    expect(takePlace(pace, { tokens: 0, atMs: 0 }, 334).taken).toBe(true);
  });

  it('is ten a second, more for lanes with many open attempts, and what the manifest’s intervals come to', () => {
    const unset = { firstMs: null, everyMs: null };
    expect(pollPace(3, unset).perSecond).toBe(POLLS_PER_SECOND);
    expect(pollPace(100, unset).perSecond).toBe(100);
    expect(pollPace(100, { firstMs: null, everyMs: 200 }).perSecond).toBe(500);
    expect(pollPace(10, { firstMs: 20_000, everyMs: 5_000 }).perSecond).toBe(POLLS_PER_SECOND);
  });
});
