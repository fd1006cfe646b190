import { describe, expect, it } from 'vitest';
import { editDistance, formatSeconds, nearestWord, orList } from '../../src/index.js';

describe('the nearest word', () => {
  const known = ['provider', 'resolution', 'prompt', 'seed', 'max_usd'];

  it.each([
    ['provder', 'provider'],
    ['porvider', 'provider'],
    ['Prompt', 'prompt'],
    ['resolutions', 'resolution'],
    ['max', 'max_usd'],
    ['sed', 'seed'],
    ['colour', null],
    ['x', null],
  ])('to %s is %s', (word, nearest) => {
    expect(nearestWord(word, known)).toBe(nearest);
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('abcd', 'acbd')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});

describe('words', () => {
  it('lists choices and lengths as people say them', () => {
    expect([orList(['a']), orList(['a', 'b']), orList(['a', 'b', 'c'])]).toEqual(['a', 'a or b', 'a, b or c']);
    expect([500, 31_240, 59_999, 60_000, 601_000].map(formatSeconds)).toEqual([
      '0.5 s',
      '31.2 s',
      '60 s',
      '1 min',
      '10 min 1 s',
    ]);
  });
});
