import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../src/index.js';

describe('a safe file name', () => {
  it.each([
    ['keynote', 'keynote'],
    ['Lección 1 – 序章', 'Lección 1 – 序章'],
    ['a/b\\c:d*e?f"g<h>i|j', 'a_b_c_d_e_f_g_h_i_j'],
    ['con', 'con_'],
    ['CON.de.mp4', 'CON_.de.mp4'],
    ['com1', 'com1_'],
    ['prn .x', 'prn_ .x'],
    ['conin$', 'conin$_'],
    ['console', 'console'],
    ['..', '__'],
    [' a. ', '_a__'],
    ['', '_'],
    ['a\u0000b\nc', 'a_b_c'],
    ['cafe\u0301', 'caf\u00e9'],
    ['x\u202egnp.exe', 'x_gnp.exe'],
  ])('of %j is %j', (text, name) => {
    expect(safeFileName(text)).toBe(name);
  });

  it('of texts that are too long keeps the extension, and tells apart what begins alike', () => {
    const long = (end: string) => safeFileName(`${'序章'.repeat(60)}${end}.mp4`, 100);
    expect(long('1')).toMatch(/^(序章)+序?~[0-9a-f]{8}\.mp4$/);
    expect(new TextEncoder().encode(long('1')).length).toBeLessThanOrEqual(100);
    expect(long('1')).not.toBe(long('2'));
    expect(long('1')).toBe(long('1'));
  });

  it('works on every system, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 10, max: 255 }), (text, maximum) => {
        const name = safeFileName(text, maximum);
        expect(name).not.toBe('');
        expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}\p{Cs}]|^\.|[\s.]$/u);
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(maximum + 1);
        expect(safeFileName(name, maximum + 1)).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });
});
