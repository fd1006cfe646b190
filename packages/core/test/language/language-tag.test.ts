import { describe, expect, it } from 'vitest';
import { readLanguageTag } from '../../src/index.js';

describe('a language tag', () => {
  it.each([
    ['de', 'de'],
    ['PT-br', 'pt-BR'],
    ['no', 'no'],
    ['iw', 'he'],
    ['zh-hans-cn', 'zh-Hans-CN'],
    ['cmn-Hans', 'zh-Hans'],
    ['es-419', 'es-419'],
    ['sr-Latn-RS', 'sr-Latn-RS'],
    ['ca-valencia', 'ca-valencia'],
    ['de-x-formal', 'de-x-formal'],
    ['en-u-co-phonebk', 'en-u-co-phonebk'],
    ['qaa', 'qaa'],
    ['yue', 'yue'],
  ])('%s is %s', (tag, canonical) => {
    expect(readLanguageTag(tag)).toEqual({ canonical });
  });

  it.each([
    ['en-UK', 'en-GB'],
    ['es-LA', 'es-419 for Latin America, or es'],
    ['es_LATAM', 'es-419 for Latin America, or es'],
    ['english', 'en'],
    ['Englisch', 'en'],
    ['Deutsch', 'de'],
    ['portuguese (brazil)', 'pt-BR'],
    ['brazilian', 'pt-BR'],
    ['jp', 'ja'],
    ['cn', 'zh'],
    ['ger', 'de'],
    ['deu', 'de'],
    ['eng', 'en'],
    ['jpn', 'ja'],
    ['por-BR', 'pt-BR'],
    ['pt_br', 'pt-BR'],
    ['fr_CA', 'fr-CA'],
    ['norwegian', 'no'],
    ['mandarin', 'zh'],
    ['zh-yue', 'yue'],
    ['日本語', 'ja'],
  ])('%s is no tag, and %s was probably meant', (tag, expected) => {
    expect(readLanguageTag(tag)).toMatchObject({ expected });
  });

  it.each(['', 'q', 'qq', 'xx-YY', '12', 'de-', '-de', 'not a language at all', 'de-ZZZZ-99', 'x-private'])(
    '%j is no tag, and nobody knows what was meant',
    (tag) => {
      const reading = readLanguageTag(tag);
      expect(reading).toHaveProperty('problem');
    },
  );
});
