import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../src/manifest/fields/template-fields.js';
import { globOf, pathPattern } from '../../src/manifest/path-pattern.js';

const language = fc.constantFrom('de', 'pt-BR', 'es-419', 'zh-Hans');
const name = fc.stringMatching(/^[a-zA-Z0-9][\w .()é-]{0,15}$/);
const template = fc.constantFrom(
  '/a/{lang}/{name}.mp3',
  '/a/{name}.{lang}.mp3',
  '/a/{name}-{lang}.wav',
  '/{lang}/{name}/{name}.{lang}.mp3',
  '/a/{name}/track_{lang}.m4a',
);

describe('a pattern of paths', () => {
  it('finds in a path what was put into it', () => {
    fc.assert(
      fc.property(template, name, language, (pattern, stem, lang) => {
        const path = fillTemplate(pattern, { name: stem, lang });
        expect(pathPattern(pattern).matches(path)).toContainEqual({ name: stem.normalize('NFC'), lang });
      }),
    );
  });

  it('finds nothing that would not give the path back', () => {
    fc.assert(
      fc.property(template, fc.stringMatching(/^\/[\w/.-]{0,20}$/), (pattern, path) => {
        for (const match of pathPattern(pattern).matches(path)) expect(fillTemplate(pattern, match)).toBe(path);
      }),
    );
  });

  it.each([
    ['/a/*.mp4', '/a/x.mp4', true],
    ['/a/*.mp4', '/a/b/x.mp4', false],
    ['/a/**/*.mp4', '/a/b/c/x.mp4', true],
    ['/a/**/*.mp4', '/a/x.mp4', true],
    ['/a/?.mp4', '/a/x.mp4', true],
    ['/a/?.mp4', '/a/xy.mp4', false],
  ])('%s matches %s: %s', (pattern, path, matches) => {
    expect(pathPattern(pattern).matches(path).length > 0).toBe(matches);
  });

  it('is a glob with stars for its parts', () => {
    expect(globOf('./audio/{lang}/{name}.mp3')).toBe('./audio/*/*.mp3');
  });
});
