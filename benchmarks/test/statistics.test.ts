import { describe, expect, it } from 'vitest';
import { childTimesMs } from '../src/measure/measure-shell.js';
import { median } from '../src/measure/statistics.js';

describe('the median', () => {
  it('is the middle value', () => expect(median([9, 1, 2])).toBe(2));
  it('is the mean of the two middle values of an even number', () => expect(median([4, 1, 2, 9])).toBe(3));
  it('does not exist of nothing', () => expect(() => median([])).toThrow('a median of nothing'));
});

describe('the times of a shell’s children', () => {
  it('are user and system time together', () => expect(childTimesMs('1m2.500s 0m0.250s')).toBe(62_750));
  it('are not read out of anything else', () => expect(() => childTimesMs('done')).toThrow('not the output of times'));
});
