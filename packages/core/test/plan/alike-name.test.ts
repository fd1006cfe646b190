import { describe, expect, it } from 'vitest';
import { RepeatedNames, roughName } from '../../src/index.js';

describe('names of what jobs have in common', () => {
  it('are told to repeat only where one does, also among very many', () => {
    const names = new RepeatedNames();
    expect(names.areSome).toBe(false);
    for (let each = 0; each < 200_000; each += 1) names.add(`wavespeed/infinitetalk ${each} face.mp4 voice.wav`);
    expect(names.areSome).toBe(false);
    names.add('wavespeed/infinitetalk 77 face.mp4 voice.wav');
    expect(names.areSome).toBe(true);
    expect(names.has('wavespeed/infinitetalk 77 face.mp4 voice.wav')).toBe(true);
    expect(names.has('wavespeed/infinitetalk 78 face.mp4 voice.wav')).toBe(false);
  });

  it('are the same of files of one length and of an address that was signed anew', () => {
    const seen = { bytes: 12, times: '1 2' };
    expect(roughName({ kind: 'file', path: '/a.wav', seen })).toBe(roughName({ kind: 'file', path: '/b.wav', seen }));
    expect(roughName({ kind: 'file', path: '/a.wav' })).toBe('/a.wav');
    expect(roughName({ kind: 'url', url: 'https://x.org/a.wav?sig=1' })).toBe('https://x.org/a.wav');
  });
});
