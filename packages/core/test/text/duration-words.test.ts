import { expect, test } from 'vitest';
import { durationWords } from '../../src/index.js';

test.each([
  [0, '0s'],
  [59_400, '59s'],
  [95_000, '1m 35s'],
  [3_600_000, '1h'],
  [5_400_000, '1h 30m'],
  [22_200_000, '6h 10m'],
])('%d ms is %s', (ms, text) => {
  expect(durationWords(ms)).toBe(text);
});
