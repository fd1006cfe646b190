import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/manifest/fields/measure-fields.js';

const UNITS = { ms: 1n, s: 1000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n } as const;

test('a length is its exact amount of milliseconds, rounded up, however many digits it is written with', () => {
  const digits = (least: number) => fc.stringMatching(new RegExp(`^[0-9]{${least},20}$`));
  const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));
  fc.assert(
    fc.property(digits(1), digits(0), unit, (whole, fraction, name) => {
      const parts = 10n ** BigInt(fraction.length);
      const exact = (BigInt(whole + fraction) * UNITS[name] + parts - 1n) / parts;
      const expected = exact > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(exact);
      expect(parseDuration(`${whole}${fraction === '' ? '' : `.${fraction}`}${name}`)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['31.2s', 31_200],
  ['0.0001ms', 1],
  ['1.5m', 90_000],
  ['2', null],
])('%s is %s milliseconds', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
