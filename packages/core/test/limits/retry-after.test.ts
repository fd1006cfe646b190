import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/limits/retry-after.js';

const NOW_MS = Date.parse('2026-08-21T10:00:00Z');
const DAY_MS = 86_400_000;

describe('a Retry-After header', () => {
  it.each<[string | undefined, number | undefined]>([
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['1.5', 1500],
    ['0.0001', 1],
    ['86401', DAY_MS],
    ['99999999999999999999', DAY_MS],
    ['Fri, 21 Aug 2026 10:00:30 GMT', 30_000],
    ['Fri, 21 Aug 2026 09:59:30 GMT', 0],
    ['Fri, 21 Aug 2099 09:59:30 GMT', DAY_MS],
    ['Fri, 99 Aug 2026 10:00:30 GMT', undefined],
    ['2026-08-21T10:00:30Z', undefined],
    ['-1', undefined],
    ['+7', undefined],
    ['7s', undefined],
    ['0x10', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %j ms', (value, expected) => {
    expect(parseRetryAfter(value, NOW_MS)).toBe(expected);
  });

  it('of any date gives back the wait to that second', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY_MS / 1000, max: DAY_MS / 1000 }), (seconds) => {
        const header = new Date(NOW_MS + seconds * 1000).toUTCString();
        expect(parseRetryAfter(header, NOW_MS)).toBe(Math.max(0, seconds * 1000));
      }),
    );
  });

  it('of any text gives a wait between none and a day, or nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.date({ noInvalidDate: true }).map(String)),
        (text) => {
          const wait = parseRetryAfter(text, NOW_MS);
          if (wait !== undefined) {
            expect(Number.isInteger(wait)).toBe(true);
            expect(wait).toBeGreaterThanOrEqual(0);
            expect(wait).toBeLessThanOrEqual(DAY_MS);
          }
        },
      ),
    );
  });
});
