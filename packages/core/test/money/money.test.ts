import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  billedMilliseconds,
  estimateFromBill,
  estimateFromSeen,
  estimatePrice,
  expectedEstimate,
  formatUsd,
  isBillHigher,
  type PriceFormula,
  parseUsd,
  priceWords,
  seenMicrosPerSecond,
  withMargin,
} from '../../src/index.js';

const source = { kind: 'doc', text: '', date: '' } as const;
const micros = fc.integer({ min: 0, max: 10 ** 12 });

describe('money', () => {
  it('comes back from its text as it went in', () => {
    fc.assert(
      fc.property(micros, (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  it('keeps numbers exact that binary fractions cannot hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: 0, max: 6 }), (digits, places) => {
        expect(parseUsd((digits / 10 ** places).toFixed(places))).toBe(digits * 10 ** (6 - places));
        expect(parseUsd(Number((digits / 10 ** places).toFixed(places)))).toBe(digits * 10 ** (6 - places));
      }),
    );
  });

  it('never reads less than what was written', () => {
    expect(parseUsd('0.0000001')).toBe(1);
    expect(parseUsd('0.4500009', 'down')).toBe(450_000);
    expect(parseUsd('1.2345671')).toBe(1_234_568);
  });

  it.each(['-1', '1e3', '', '1,5', '.5', '5.', 'NaN', '$5'])('refuses %j', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });

  it('adds a margin exactly, rounded up', () => {
    expect(withMargin(1_000_000, 10)).toBe(1_100_000);
    expect(withMargin(1, 10)).toBe(2);
    expect(withMargin(0, 10)).toBe(0);
    fc.assert(
      fc.property(micros, fc.integer({ min: 0, max: 1000 }), (amount, tenths) => {
        const exact = (BigInt(amount) * BigInt(1000 + tenths) + 999n) / 1000n;
        expect(BigInt(withMargin(amount, tenths / 10))).toBe(exact);
      }),
    );
  });
});

describe('a price by the second', () => {
  const perSecond = fc.record({ rate: fc.integer({ min: 0, max: 10 ** 7 }), minimumSeconds: fc.nat(60) });
  const price = ({ rate, minimumSeconds }: { rate: number; minimumSeconds: number }, billedMs: number) => {
    const formula: PriceFormula = { kind: 'per-second', microsPerSecond: { any: rate }, minimumSeconds, source };
    return estimatePrice(formula, { billedMs, resolution: '720p', frames: null });
  };
  const length = fc.integer({ min: 0, max: 3_600_000 });

  it('never falls as the length grows', () => {
    fc.assert(
      fc.property(perSecond, length, length, (formula, a, b) => {
        const [short, long] = [price(formula, Math.min(a, b)), price(formula, Math.max(a, b))];
        expect(short.micros ?? 0).toBeLessThanOrEqual(long.micros ?? 0);
      }),
    );
  });

  it('charges whole seconds, rounded up, and at least the minimum', () => {
    fc.assert(
      fc.property(perSecond, length, (formula, billedMs) => {
        const { micros: charged, billedSeconds } = price(formula, billedMs);
        expect(billedSeconds).toBe(Math.max(formula.minimumSeconds, Math.ceil(billedMs / 1000)));
        expect(charged).toBe((billedSeconds ?? 0) * formula.rate);
      }),
    );
  });

  it('charges nothing beyond the maximum, and a job never less than its own minimum', () => {
    const within = fc.record({ rate: fc.integer({ min: 0, max: 10 ** 7 }), most: fc.integer({ min: 60, max: 600 }) });
    fc.assert(
      fc.property(within, length, fc.nat(10 ** 9), ({ rate, most }, billedMs, minimumMicros) => {
        const bounds = { minimumSeconds: 5, maximumSeconds: most, minimumMicros };
        const formula: PriceFormula = { kind: 'per-second', microsPerSecond: { any: rate }, ...bounds, source };
        const { micros, billedSeconds } = estimatePrice(formula, { billedMs, resolution: null, frames: null });
        expect(billedSeconds).toBe(Math.min(most, Math.max(5, Math.ceil(billedMs / 1000))));
        expect(micros).toBe(Math.max(minimumMicros, (billedSeconds ?? 0) * rate));
      }),
    );
  });

  it('is unknown rather than zero without a length or a rate', () => {
    const formula: PriceFormula = { kind: 'per-second', microsPerSecond: { '480p': 1 }, minimumSeconds: 5, source };
    expect(estimatePrice(formula, { billedMs: null, resolution: '480p', frames: null }).micros).toBeNull();
    expect(estimatePrice(formula, { billedMs: 1, resolution: '720p', frames: null }).micros).toBeNull();
  });
});

describe('a floor price after a bill was seen', () => {
  const bill = fc.record({ centsPerSecond: fc.integer({ min: 1, max: 50 }), floor: fc.integer({ min: 1, max: 100 }) });
  const length = fc.integer({ min: 1_000, max: 600_000 });

  it('reserves no less than any bill in proportion to the length, by whole seconds or by milliseconds', () => {
    fc.assert(
      fc.property(bill, length, length, fc.boolean(), ({ centsPerSecond, floor }, seenMs, nextMs, isWhole) => {
        const seconds = (ms: number) => (isWhole ? Math.ceil(ms / 1000) : ms / 1000);
        const cents = (ms: number) => Math.max(floor, Math.ceil(seconds(ms) * centsPerSecond));
        const seen = seenMicrosPerSecond(cents(seenMs) * 10_000, seenMs);
        expect(estimateFromSeen(floor * 10_000, seen, nextMs)).toBeGreaterThanOrEqual(cents(nextMs) * 10_000);
      }),
    );
  });

  it('reserves no cent more than that, where it is above the floor', () => {
    expect(seenMicrosPerSecond(100_000, 1_000)).toBe(100_000);
    expect(seenMicrosPerSecond(100_000, 3_000)).toBe(33_334);
    expect(estimateFromSeen(10_000, 33_334, 3_000)).toBe(110_000);
    expect(estimateFromSeen(10_000, 30_000, 1_000)).toBe(30_000);
    expect(estimateFromSeen(10_000, 30_000, 1_001)).toBe(60_000);
  });

  it('is whole cents, and never below the floor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 6 }), length, (seen, ms) => {
        const reserved = estimateFromSeen(170_000, seen, ms);
        expect(reserved % 10_000).toBe(0);
        expect(reserved).toBeGreaterThanOrEqual(170_000);
      }),
    );
  });
});

describe('a price after a bill above it was accepted', () => {
  const bill = fc.record({
    billedMicros: fc.integer({ min: 1, max: 10 ** 9 }),
    // Of a cent and more: by less, a bill of hundreds of dollars lets expect more than anything can cost.
    estimateMicros: fc.integer({ min: 10_000, max: 10 ** 9 }),
  });

  it('reserves no less than the estimate, nor than any bill in the same proportion', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 7 }), bill, (micros, seen) => {
        const reserved = estimateFromBill(micros, seen);
        expect(reserved).toBeGreaterThanOrEqual(micros);
        expect(BigInt(reserved) * BigInt(seen.estimateMicros)).toBeGreaterThanOrEqual(
          BigInt(micros) * BigInt(seen.billedMicros),
        );
      }),
    );
  });

  it('reserves no cent more than that, where it is above the estimate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 7 }), bill, (micros, seen) => {
        const least = estimateFromBill(micros, seen) - 10_000;
        const isMore = BigInt(least) * BigInt(seen.estimateMicros) >= BigInt(micros) * BigInt(seen.billedMicros);
        expect(isMore && least >= micros).toBe(false);
      }),
    );
  });

  it('is the higher one of two bills by their share of the estimate, then by the amount, and of two alike neither', () => {
    const isHigher = (billed: number, estimate: number, billedThan: number, estimateThan: number) =>
      isBillHigher(
        { billedMicros: billed, estimateMicros: estimate },
        { billedMicros: billedThan, estimateMicros: estimateThan },
      );
    expect([isHigher(3, 2, 4, 3), isHigher(4, 3, 3, 2)]).toEqual([true, false]);
    expect([isHigher(4, 2, 2, 1), isHigher(2, 1, 4, 2)]).toEqual([true, false]);
    expect(isHigher(2, 1, 2, 1)).toBe(false);
  });

  it('reserves no less by the higher of two bills', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 7 }), bill, bill, (micros, one, other) => {
        const [higher, lower] = isBillHigher(one, other) ? [one, other] : [other, one];
        expect(estimateFromBill(micros, higher)).toBeGreaterThanOrEqual(estimateFromBill(micros, lower));
      }),
    );
  });

  it('is an exact number whatever a provider states', () => {
    const absurd = { billedMicros: 9 * 10 ** 15, estimateMicros: 1 };
    expect(estimateFromBill(10 ** 7, absurd)).toBe(10 ** 12);
  });

  it('is what was billed where the price says nothing is', () => {
    expect(estimateFromBill(0, { billedMicros: 600_000, estimateMicros: 0 })).toBe(600_000);
  });
});

describe('the length that two voices are billed by', () => {
  it.each([
    ['meanwhile', 1_000, 2_000, 2_000],
    ['meanwhile', 2_001, 1, 3_000],
    ['left_right', 1_000, 2_000, 3_000],
    ['left_right', 1_001, 2_000, 4_000],
    ['right_left', 1, 1, 2_000],
  ] as const)('is, %s, of %i ms and %i ms: %i ms', (order, leftMs, rightMs, billedMs) => {
    expect(billedMilliseconds(order, leftMs, rightMs)).toBe(billedMs);
  });
});

describe('what is to be expected of a job', () => {
  const floor = { micros: 170_000, certainty: 'floor', billedSeconds: null } as const;

  it('is what was billed a second before in place of a bare floor, and of nothing else', () => {
    const seen = { micros: 600_000, certainty: 'seen', billedSeconds: null };
    expect(expectedEstimate(floor, 60_000, 10_000)).toEqual(seen);
    for (const certainty of ['exact', 'unknown', 'seen'] as const) {
      expect(expectedEstimate({ ...floor, certainty }, 60_000, 10_000)).toEqual({ ...floor, certainty });
    }
  });

  it('stays the floor where nothing was billed, or the length is not known', () => {
    expect(expectedEstimate(floor, null, 10_000)).toBe(floor);
    expect(expectedEstimate(floor, 60_000, null)).toBe(floor);
  });
});

describe('a price by the frame', () => {
  const formula: PriceFormula = {
    kind: 'per-frame',
    microsPerSecond: 300_000,
    framesPerSecond: 25,
    surcharge: { aboveFrames: 81, numerator: 5, denominator: 4 },
    source,
  };
  const price = (frames: number) => estimatePrice(formula, { billedMs: null, resolution: null, frames }).micros ?? 0;

  it('never falls as frames are added, the surcharge included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (frames) => {
        expect(price(frames)).toBeLessThan(price(frames + 1));
      }),
    );
  });

  it('puts the surcharge on every frame from the first one above', () => {
    expect(price(81)).toBe(972_000);
    expect(price(82)).toBe(1_230_000);
  });
});

describe('a price by the second, in words', () => {
  const words = (least: { minimumSeconds: number; minimumMicros?: number }) =>
    priceWords({ kind: 'per-second', microsPerSecond: { any: 40_000 }, ...least, source });

  it('has the least that is billed, where there is one', () => {
    expect(words({ minimumSeconds: 5 })).toBe('$0.04 a second, at least 5 s');
    expect(words({ minimumSeconds: 5, minimumMicros: 500_000 })).toBe('$0.04 a second, at least 5 s and $0.50 a job');
    expect(words({ minimumSeconds: 0, minimumMicros: 500_000 })).toBe('$0.04 a second, at least $0.50 a job');
    expect(words({ minimumSeconds: 0 })).toBe('$0.04 a second');
  });
});
