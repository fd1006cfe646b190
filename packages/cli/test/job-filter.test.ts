import { describe, expect, test } from 'vitest';
import { createJobFilter } from '../src/batch/job-filter.js';

describe('--only', () => {
  test.each([
    ['keynote/de', ['keynote/de']],
    ['KEYNOTE/DE', ['keynote/de']],
    ['keynote', ['keynote/de', 'keynote/pt-BR']],
    ['*/pt-*', ['keynote/pt-BR', 'intro.v2/pt-PT']],
    ['{keynote,intro.v2}/{de,pt-PT}', ['keynote/de', 'intro.v2/pt-PT']],
    ['intro.v?', ['intro.v2/pt-PT']],
    ['introxv2', []],
    ['**', ['keynote/de', 'keynote/pt-BR', 'intro.v2/pt-PT']],
    ['{', []],
  ])('%s selects %j', (pattern, expected) => {
    const keys = ['keynote/de', 'keynote/pt-BR', 'intro.v2/pt-PT'];
    expect(keys.filter(createJobFilter([pattern]))).toEqual(expected);
  });

  test('selects everything when nothing is named', () => {
    expect(createJobFilter(undefined)('any/thing')).toBe(true);
  });
});
