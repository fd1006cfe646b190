import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LaneUse, placesOfShare } from '../../src/index.js';

const limits = fc.record({ slots: fc.integer({ min: 1, max: 40 }), creates: fc.integer({ min: 1, max: 40 }) });
const use = fc.record({
  open: fc.integer({ min: 0, max: 40 }),
  created: fc.integer({ min: 0, max: 40 }),
  lastAtMs: fc.integer({ min: 0, max: 9 }),
});

/** Batches that all wait for places in one lane, whose predictions end one after the other. */
function shareOut({ slots, sharers, ends }: { slots: number; sharers: number; ends: readonly number[] }): LaneUse[] {
  // The first had the lane to itself.
  const uses = Array.from({ length: sharers }, (_, index) => ({
    open: index === 0 ? slots : 0,
    created: 0,
    lastAtMs: 0,
  }));
  ends.forEach((end, turn) => {
    const open = uses.filter((each) => each.open > 0);
    const ended = open[end % open.length];
    if (ended) ended.open -= 1;
    // Who hears of the end asks first; whoever else looks comes after.
    const asking = [...uses].sort((a) => (a === ended ? -1 : 1));
    const taker = asking.find((own) => {
      const rivals = uses.filter((each) => each !== own);
      return placesOfShare({ own, rivals }, { slots, creates: 1_000 }) > 0;
    });
    expect(taker).toBeDefined();
    if (taker) Object.assign(taker, { open: taker.open + 1, lastAtMs: turn + 1 });
  });
  return uses;
}

describe('the share of a batch in a lane', () => {
  it('is all of it where nobody waits beside it', () => {
    fc.assert(
      fc.property(use, limits, (own, has) => {
        expect(placesOfShare({ own, rivals: [] }, has)).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('keeps the next place from no more than all but one of those that wait', () => {
    fc.assert(
      fc.property(fc.array(use, { minLength: 2, maxLength: 5 }), limits, (uses, has) => {
        const mayGo = uses.filter((own) => {
          const rivals = uses.filter((each) => each !== own);
          return placesOfShare({ own, rivals }, has) > 0;
        });
        expect(mayGo.length).toBeGreaterThan(0);
      }),
    );
  });

  it('never takes beyond it what somebody who has less waits for', () => {
    fc.assert(
      fc.property(use, use, limits, (own, rival, has) => {
        const places = placesOfShare({ own, rivals: [rival] }, has);
        const isWithin = 2 * (own.open + places) <= has.slots && 2 * (own.created + places) <= has.creates;
        const loadOf = ({ open, created }: LaneUse) => Math.max(open / has.slots, created / has.creates);
        expect(places === 0 || isWithin || loadOf(rival) >= Math.min(0.5, loadOf(own))).toBe(true);
      }),
    );
  });

  it('comes to every batch in time, whichever predictions end, and nobody loses it again', () => {
    const ends = fc.array(fc.nat(), { minLength: 400, maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 4 }), ends, (slots, sharers, all) => {
        const uses = shareOut({ slots, sharers, ends: all });
        expect(uses.reduce((sum, { open }) => sum + open, 0)).toBe(slots);
        for (const { open } of uses) expect(Math.abs(open - slots / sharers)).toBeLessThan(1);
        // Of one slot each has its turn.
        for (const { lastAtMs } of uses) expect(lastAtMs).toBeGreaterThan(0);
      }),
    );
  });
});
