import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AttemptSnapshot,
  bearsOut,
  billedMilliseconds,
  costTotals,
  estimatePrice,
  type PriceFormula,
  provenBill,
  type StatedBill,
} from '../../src/index.js';

const source = { kind: 'doc', text: '', date: '' } as const;
const formula: PriceFormula = {
  kind: 'per-second',
  microsPerSecond: { any: 30_000 },
  minimumSeconds: 5,
  maximumSeconds: 600,
  source,
};
const priceAt = (billedMs: number) =>
  estimatePrice(formula, { billedMs: Math.max(0, billedMs), resolution: null, frames: null }).micros ?? 0;

const length = fc.integer({ min: 1, max: 700_000 });
/** A frame at 25 a second, either way. */
const offBy = fc.integer({ min: -40, max: 40 });

/** What the ledger counts of an attempt that a length was stated for, once its video is there. */
function booked(about: Omit<StatedBill, 'priceAt'>) {
  const stated = { ...about, priceAt };
  const still = { billedMicros: stated.bookedMicros, mostMicros: stated.bookedMicros };
  const { billedMicros, mostMicros } = bearsOut(stated) ? still : provenBill(stated);
  const attempt = { state: 'completed', billedMicros, quotedMicros: null, expectedMicros: mostMicros };
  const attempts = [attempt as unknown as AttemptSnapshot];
  const totals = costTotals([{ orphaned: false, estimateMicros: stated.bookedMicros, attempts }]);
  return { ours: totals.billedMicros, atRisk: totals.atRiskMicros };
}

describe('a bill for a length that only the manifest tells', () => {
  it('is to the micro-dollar what is billed, once the sound was looked at', () => {
    fc.assert(
      fc.property(length, length, offBy, (statedMs, realMs, off) => {
        const outputMs = Math.max(1, realMs + off);
        const money = booked({ bookedMicros: priceAt(statedMs), heardMs: realMs, outputMs, inTurn: false });
        expect(money).toEqual({ ours: priceAt(realMs), atRisk: 0 });
      }),
    );
  });

  it('is at most what is billed, and that at most it and what is at risk, where only the video can be looked at', () => {
    fc.assert(
      fc.property(length, length, offBy, (statedMs, realMs, off) => {
        const bookedMicros = priceAt(statedMs);
        const outputMs = Math.max(1, realMs + off);
        const theirs = priceAt(realMs);
        const { ours, atRisk } = booked({ bookedMicros, heardMs: null, outputMs, inTurn: false });
        // What the video's own length allows for is trusted: that can be off by the one second that it is rounded up to.
        const isTrusted = ours === bookedMicros && Math.abs(theirs - ours) <= 30_000;
        expect(isTrusted || (ours <= theirs && theirs <= ours + atRisk)).toBe(true);
      }),
    );
  });

  it('is never out by more than what is at risk where two voices speak in turn', () => {
    fc.assert(
      fc.property(length, length, length, offBy, (statedMs, leftMs, rightMs, off) => {
        const outputMs = leftMs + rightMs + off;
        const theirs = priceAt(billedMilliseconds('left_right', leftMs, rightMs));
        const bookedMicros = priceAt(statedMs);
        const { ours, atRisk } = booked({ bookedMicros, heardMs: null, outputMs, inTurn: true });
        const isTrusted = ours === bookedMicros && Math.abs(theirs - ours) <= 60_000;
        expect(isTrusted || (ours <= theirs && theirs <= ours + atRisk)).toBe(true);
      }),
    );
  });

  it('is not looked into where the finished video is as long as was stated', () => {
    const about = { bookedMicros: 300_000, priceAt, heardMs: null, inTurn: false };
    expect(bearsOut({ ...about, outputMs: 9_500 })).toBe(true);
    expect(bearsOut({ ...about, outputMs: 9_950 })).toBe(false);
    expect(bearsOut({ ...about, outputMs: 9_500, inTurn: true })).toBe(false);
  });
});
