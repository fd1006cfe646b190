import { describe, expect, it } from 'vitest';
import { iso6392 } from '../../src/index.js';

describe('three-letter codes of languages', () => {
  it('stand for the languages that they were made from, all that have two letters', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
    const known = letters
      .flatMap((first) => letters.map((second) => first + second))
      .filter((tag) => names.of(tag) !== undefined && new Intl.Locale(tag).toString() === tag);
    expect(known.length).toBeGreaterThan(170);
    for (const tag of known) expect([tag, new Intl.Locale(iso6392(tag)).toString()]).toEqual([tag, tag]);
  });

  it.each([
    ['de', 'deu'],
    ['pt-BR', 'por'],
    ['zh-Hant-TW', 'zho'],
    ['fil', 'fil'],
    ['es-419', 'spa'],
  ])('of %s is %s', (tag, code) => expect(iso6392(tag)).toBe(code));
});
