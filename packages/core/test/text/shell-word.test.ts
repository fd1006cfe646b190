import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstShellWord, mendCommand, onlyWord, shellWord } from '../../src/index.js';

/** What a shell makes of the words after a command's name. */
function readByShell(words: string): string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

// No argument of a program can hold a NUL.
const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0'));
const shellish = fc.string({ unit: fc.constantFrom(...`a' "$;&|()\`\\*?~#!=\n{}`), minLength: 1, maxLength: 12 });

it('reaches a program as it was, whatever is in it', () => {
  const law = (words: string[]) => {
    expect(readByShell(words.map(shellWord).join(' '))).toEqual(words);
  };
  fc.assert(fc.property(fc.array(fc.oneof(texts, shellish), { minLength: 1, maxLength: 4 }), law), { numRuns: 60 });
});

it('is left as it is where nothing in it means anything', () => {
  for (const plain of ['keynote/de', './batch.yaml', 'kapitel-1/pt-BR', 'día/ja', '/srv/a_b.yaml'])
    expect(shellWord(plain)).toBe(plain);
});

it('is found again at the start of a piece of a command', () => {
  const law = (text: string) => {
    expect(firstShellWord(`${shellWord(text)} --state ${shellWord('my state.db')}`)).toBe(shellWord(text));
  };
  fc.assert(fc.property(fc.oneof(texts, shellish), law));
});

it('keeps a key from being run, or from being taken for several patterns', () => {
  const key = 'a;touch pwned;,{b}/de';
  const manifest = shellWord('my batch.yaml');
  const retry = mendCommand('timed-out', { manifest, key });
  expect(retry).toContain("localize retry 'my batch.yaml' --only 'a;touch pwned;??b?/de'");
  expect(mendCommand('uncertain', { manifest, key })).toContain(`localize settle 'my batch.yaml' '${key}' `);
  expect(onlyWord('keynote/de')).toBe('keynote/de');
});
