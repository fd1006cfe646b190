import { HOLD_REASONS, type HoldReason, mendCommand, mendEdited } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { parseMends } from '../src/view-model/mend-command.js';
import { mendTogether } from '../src/view-model/mend-together.js';

describe('a mending command', () => {
  const names = { manifest: 'm.yaml', key: 'keynote/de' };

  test.each(Object.keys(HOLD_REASONS) as HoldReason[])('for %s starts with localize in each of its forms', (reason) => {
    for (const { command, endings } of parseMends(mendCommand(reason, names))) {
      expect(command).toMatch(/^localize [^|:]+$/);
      for (const ending of endings) expect(ending).toMatch(/^--[^|]+$/);
    }
  });

  test('offers each way to settle', () => {
    expect(parseMends(mendCommand('uncertain', names))).toEqual([
      {
        before: null,
        command: 'localize settle m.yaml keynote/de',
        endings: [
          '--prediction <its id at the provider>',
          '--not-bought',
          '--charged <what it cost in USD>',
          '--abandon',
        ],
      },
    ]);
  });

  test('says with each way to settle which attempt is meant, where it could be several', () => {
    const [mend] = parseMends(mendCommand('uncertain', { ...names, attempt: 12, candidates: ['pred-1'] }));
    expect(mend).toEqual({
      before: null,
      command: 'localize settle m.yaml keynote/de --attempt 12',
      endings: ['--prediction pred-1', '--not-bought', '--charged <what it cost in USD>', '--abandon'],
    });
  });

  test('offers what costs nothing before what buys again', () => {
    expect(parseMends(mendCommand('bad-output', names))).toMatchObject([
      { command: 'localize m.yaml', endings: [] },
      { command: 'localize retry m.yaml --only keynote/de', endings: [] },
    ]);
  });

  test('says of each way what is to be done by hand first', () => {
    const ways = ['localize retry m.yaml --only k', 'localize review --withdraw k -m m.yaml'];
    const text = ways.map((way) => `move the file away, then: ${way}`).join(' | ');
    expect(parseMends(text)).toEqual(
      ways.map((command) => ({ before: 'Move the file away, then:', command, endings: [] })),
    );
  });

  test('names the predictions that may be the lost one, and no id that a shell could take for more', () => {
    const candidates = ['pred-1', 'fal:2.b', '$(rm -r .)'];
    expect(parseMends(mendCommand('uncertain', { ...names, candidates }))[0]?.endings).toEqual([
      '--prediction pred-1',
      '--prediction fal:2.b',
      '--not-bought',
      '--charged <what it cost in USD>',
      '--abandon',
    ]);
    const hostile = mendCommand('uncertain', { ...names, candidates: ['; curl x'], provider: 'acme' });
    expect(parseMends(hostile)[0]?.endings[0]).toBe('--prediction <its id at acme>');
  });

  test('says what to do by hand first', () => {
    expect(parseMends(mendEdited(names))).toEqual([
      { before: 'Move the file away, then:', command: 'localize m.yaml', endings: [] },
    ]);
  });
});

describe('one command for several jobs', () => {
  const retry = (key: string) => `localize retry m.yaml --only ${key}`;

  test('names them all where their own commands differ in the job alone', () => {
    expect(mendTogether(['a/de', 'b.2/pt-BR', 'ü/ja'].map(retry))).toEqual({
      title: 'All 3 at once',
      command: retry('a/de,b.2/pt-BR,ü/ja'),
    });
  });

  test('names those that it is for where some have another, and takes the first of several ways', () => {
    const commands = [retry('a/de'), `${retry('b/de')} | localize settle m.yaml b/de --not-bought`, null];
    const others = [`localize m.yaml | ${retry('c/de')}`, 'localize settle m.yaml d/de --not-bought | --abandon'];
    expect(mendTogether([...commands, ...others])).toEqual({ title: '2 of them at once', command: retry('a/de,b/de') });
  });

  test.each([
    ['there is but one', ['a/de'].map(retry)],
    ['one has no command', [retry('a/de'), null]],
    ['they are of two kinds', [retry('a/de'), 'localize m.yaml']],
    ['they are of two manifests', [retry('a/de'), 'localize retry n.yaml --only b/de']],
    ['something is done by hand first', ['a/de', 'b/de'].map((key) => `set its price, then: ${retry(key)}`)],
    ['a key means more to a shell or to --only', [retry('a/de'), retry('$(x)/de')]],
    ['a key holds a comma', [retry('a/de'), retry('b,c/de')]],
    ['there are too many to look over', Array.from({ length: 101 }, (_, index) => retry(`v${index}/de`))],
  ])('is none where %s', (_, commands) => {
    expect(mendTogether(commands)).toBeNull();
  });
});
