import { HOLD_REASONS, type HoldReason, mendCommand, mendEdited } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { parseMends } from '../src/view-model/mend-command.js';

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
        endings: ['--prediction <its id at the provider>', '--not-bought', '--abandon'],
      },
    ]);
  });

  test('offers what costs nothing before what buys again', () => {
    expect(parseMends(mendCommand('bad-output', names))).toMatchObject([
      { command: 'localize m.yaml', endings: [] },
      { command: 'localize retry m.yaml --only keynote/de', endings: [] },
    ]);
  });

  test('names the predictions that may be the lost one, and no id that a shell could take for more', () => {
    const candidates = ['pred-1', 'fal:2.b', '$(rm -r .)'];
    expect(parseMends(mendCommand('uncertain', { ...names, candidates }))[0]?.endings).toEqual([
      '--prediction pred-1',
      '--prediction fal:2.b',
      '--not-bought',
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
