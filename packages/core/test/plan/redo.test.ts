import { describe, expect, it } from 'vitest';
import { type Redo, redoSeed } from '../../src/index.js';
import { plan } from '../../testing/plan-from-text.js';

const text = `version: 1
batch: b
defaults: { provider: [globex, acme], prompt: Hi }
videos:
  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
`;
const preference = plan(text).plan.jobs[0]?.preference ?? '';

function planned(redo: Redo, manifest = text, earlier: readonly Redo[] = []) {
  return plan(manifest, { redos: new Map([['a/de', [...earlier, redo]]]) }).plan;
}

describe('a redo', () => {
  it('is the nearest word on route and seed, for its job alone', () => {
    const { jobs } = planned({ route: 'acme/talk', seed: 12, preference });
    expect(jobs[0]?.choices.map(({ route, input }) => [route, input.seed])).toEqual([['acme/talk', 12]]);
    expect(jobs[0]?.redo).toEqual({ route: 'acme/talk', seed: 12 });
    expect(jobs[1]?.choices.map(({ route, input }) => [route, input.seed])).toEqual([
      ['globex/dub', null],
      ['acme/talk', null],
    ]);
    expect(jobs[1]).not.toHaveProperty('redo');
  });

  it('yields to a manifest that was edited since, in what it changes and in nothing else', () => {
    const redo = { route: null, seed: 12, preference };
    expect(planned(redo, text.replace('prompt: Hi', 'prompt: Hello')).jobs[0]?.redo).toEqual({ route: null, seed: 12 });
    expect(planned(redo, text.replace('prompt: Hi', 'prompt: Hi, seed: 7')).jobs[0]).not.toHaveProperty('redo');
    expect(planned(redo, text.replace('[globex, acme]', 'acme')).jobs[0]).not.toHaveProperty('redo');
  });

  it('is left out with the reason where no route can do it', () => {
    const { jobs, warnings, refusedRedos } = planned({ route: 'globex/duet', seed: null, preference });
    expect(jobs[0]?.choices.map(({ route }) => route)).toEqual(['globex/dub', 'acme/talk']);
    expect(refusedRedos).toEqual({ 'a/de': 'globex/duet takes two voices, not one' });
    expect(warnings).toContain(
      'a/de: the redo on globex/duet is not possible, so nothing is made again: globex/duet takes two voices, not one',
    );
    expect(planned({ route: 'acme/none', seed: null, preference }).refusedRedos).toEqual({
      'a/de': 'there is no such route',
    });
    expect(planned({ route: 'acme/talk', seed: 1, preference }).refusedRedos).toEqual({});
    // What an earlier one made stays.
    const after = planned({ route: 'acme/none', seed: null, preference }, text, [
      { route: 'acme/talk', seed: 12, preference },
    ]);
    expect([after.jobs[0]?.redo, Object.keys(after.refusedRedos ?? {})]).toEqual([
      { route: 'acme/talk', seed: 12 },
      ['a/de'],
    ]);
  });

  it('may go to each other route that makes the very job, of providers that the batch uses', () => {
    const mixed = `version: 1
batch: b
defaults: { prompt: Hi }
videos:
  - id: a
    source: ./a.mp4
    provider: acme
    tracks:
      de: ./de.mp3
      fr: { audio: ./fr.mp3, duration: 4s }
      ja: { left_audio: ./l.mp3, right_audio: ./r.mp3, order: meanwhile, provider: globex/duet }
  - { id: b, source: ./a.mp4, provider: [globex, initech], tracks: { de: { audio: ./de.mp3, duration: 4s } } }
`;
    const others = (manifest: string) => plan(manifest).plan.jobs.map(({ otherRoutes }) => otherRoutes);
    expect(others(mixed)).toEqual([['globex/dub'], ['globex/dub', 'initech/speak'], undefined, ['acme/talk']]);
    expect(others(text)).toEqual([undefined, undefined]);
    // What a redo makes of it has one choice.
    expect(planned({ route: 'acme/talk', seed: null, preference }).jobs[0]?.otherRoutes).toEqual(['globex/dub']);
  });

  it('goes to no provider that the manifest sends nothing to, whose key its owner may not have', () => {
    const short = text.replace('de: ./de.mp3', 'de: { audio: ./de.mp3, duration: 4s }');
    const { jobs, warnings } = planned({ route: 'initech/speak', seed: null, preference }, short);
    expect(jobs[0]?.choices.map(({ route }) => route)).toEqual(['globex/dub', 'acme/talk']);
    expect(warnings).toContainEqual(expect.stringContaining('made again: the manifest sends nothing to initech'));
    const known = short.replace('batch: b', 'batch: b\nproviders: { initech: {} }');
    expect(planned({ route: 'initech/speak', seed: null, preference }, known).jobs[0]?.redo?.route).toBe(
      'initech/speak',
    );
  });

  it('takes a seed that the output’s own bytes tell, and another than ever before', () => {
    const sha256 = `000003e8${'0'.repeat(56)}`;
    expect(redoSeed(sha256, new Set())).toBe(1);
    expect(redoSeed(sha256, new Set([1]))).toBe(2);
    expect(redoSeed(sha256, new Set([2, 1, 4]))).toBe(3);
    expect(redoSeed(`000003e7${'0'.repeat(56)}`, new Set([1000]))).toBe(1);
    expect(redoSeed(sha256, new Set(Array.from({ length: 1000 }, (_, index) => index + 1)))).toBe(1);
  });
});
