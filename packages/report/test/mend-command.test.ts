import { HOLD_REASONS, type HoldReason, mendCommand } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { parseMend } from '../src/view-model/mend-command.js';

describe('a mending command', () => {
  const names = { manifest: 'm.yaml', key: 'keynote/de' };

  test.each(Object.keys(HOLD_REASONS) as HoldReason[])('for %s starts with localize in each of its forms', (reason) => {
    const { command, endings } = parseMend(mendCommand(reason, names));
    expect(command).toMatch(/^localize [^|:]+$/);
    for (const ending of endings) expect(ending).toMatch(/^--[^|]+$/);
  });

  test('offers each way to settle', () => {
    expect(parseMend(mendCommand('uncertain', names))).toEqual({
      before: null,
      command: 'localize settle m.yaml keynote/de',
      endings: ['--prediction ID', '--not-bought', '--abandon'],
    });
  });

  test('says what to do by hand first', () => {
    expect(parseMend(mendCommand('output-edited', names))).toEqual({
      before: 'Move the file away, then:',
      command: 'localize m.yaml',
      endings: [],
    });
  });
});
