import { describe, expect, it } from 'vitest';
import { compareInputs } from '../src/verbs/same-inputs.js';

const SENT = { audio: 'https://media.test/de.mp3?key=a', prompt: 'Speak calmly', seed: 7, resolution: '480p' };

describe('an echo of a prediction’s inputs', () => {
  it.each<[string, unknown]>([
    ['in another order, with the provider’s defaults', { mask: null, ...SENT, prompt: SENT.prompt }],
    ['to the letter', SENT],
  ])('is ours: %s', (_title, echo) => {
    expect(compareInputs(SENT, echo)).toBe('same');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an object without a field', {}],
    ['a list', [SENT]],
    ['text', JSON.stringify(SENT)],
    ['one field alone, which is ours', { seed: 7 }],
    ['one field alone, which no one sent', { frames: 81 }],
    ['a number as text', { ...SENT, seed: '7' }],
    ['a number as text with a fraction', { ...SENT, seed: '7.0' }],
    ['other letters', { ...SENT, resolution: '480P' }],
    ['an object in place of an address', { ...SENT, audio: { url: SENT.audio } }],
    ['no address in place of one', { ...SENT, audio: 'file-7' }],
  ])('may be ours: %s', (_title, echo) => {
    expect(compareInputs(SENT, echo)).toBe('unknown');
  });

  it.each<[string, unknown]>([
    ['another seed', { ...SENT, seed: 8 }],
    ['another resolution', { ...SENT, resolution: '720p' }],
    ['another file on the same host', { ...SENT, audio: 'https://media.test/fr.mp3' }],
    ['one field that differs, alone', { prompt: 'Shout' }],
  ])('is not ours: %s', (_title, echo) => {
    expect(compareInputs(SENT, echo)).toBe('different');
  });

  it('may name the seed that the provider chose, where it was to choose', () => {
    expect(compareInputs({ ...SENT, seed: -1 }, { ...SENT, seed: 4711 })).toBe('unknown');
  });
});
