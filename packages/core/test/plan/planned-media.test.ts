import { describe, expect, it } from 'vitest';
import { billOf } from '../../src/index.js';
import { expand, factsFor, goodMedia, plan, problems } from '../../testing/plan-from-text.js';

const head = 'version: 1\nbatch: b\n';

describe('media', () => {
  it('is looked at where the manifest does not state a length, and always on disk', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: 'https://cdn.test/a.mp4', duration: 3s, tracks: { de: 'https://cdn.test/de.mp3', fr: { audio: ./fr.mp3, duration: 3s }, es: { audio: 'https://cdn.test/es.mp3', duration: 3s } } }\n`;
    const { expanded } = expand(text);
    expect([...goodMedia(expanded).keys()]).toEqual(['audio https://cdn.test/de.mp3', 'audio /project/fr.mp3']);
  });

  it('says what is wrong with a file once, where it stands', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:
  - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
  - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
`;
    const media = {
      'a.mp4': { error: { code: 'MEDIA_MISSING', message: 'a.mp4 is missing' } },
      'c.mp4': { facts: factsFor('audio') },
      'empty.mp3': { facts: factsFor('audio', 0) },
      'fr.mp3': { error: { code: 'MEDIA_UNREADABLE', message: './fr.mp3 is no media file' } },
    };
    expect(problems(text, media)).toMatchInlineSnapshot(`
      "manifest.yaml:5:22: ./a.mp4 is not there (a file; looked at /project/a.mp4) [FILE_MISSING]
        5 |   - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
          |                      ^^^^^^^

      manifest.yaml:5:80: ./fr.mp3 is no media file [MEDIA]
        5 |   - { id: a, source: ./a.mp4, mask_image: ./m.png, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
          |                                                                                ^^^^^^^^

      manifest.yaml:6:22: ./c.mp4 has no picture (a video) [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                      ^^^^^^^

      manifest.yaml:6:45: ./empty.mp3 is 0 s long (audio with a length) [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                                             ^^^^^^^^^^^

      manifest.yaml:6:62: ./fr.mp3 is no media file [MEDIA]
        6 |   - { id: c, source: ./c.mp4, tracks: { de: ./empty.mp3, fr: ./fr.mp3 } }
          |                                                              ^^^^^^^^

      5 mistakes"
    `);
    const { plan: built } = plan(text, { media });
    expect(built.jobs.map((job) => job.choices.length)).toEqual([0, 0, 0, 0]);
  });

  it('trusts a stated length, and foretells the bill of a track that is longer or shorter', () => {
    const text = `${head}defaults: { provider: globex/dub }
videos:
  - { id: a, source: ./a.mp4, tracks: { de: { audio: ./de.mp3, duration: 5s }, fr: { audio: ./fr.mp3, duration: 12s } } }
`;
    const facts = factsFor('audio', 9_000);
    const { plan: built } = plan(text, { media: { 'de.mp3': { facts }, 'fr.mp3': { facts } } });
    const seconds = built.jobs.map(({ choices: [choice] }) => [choice?.estimate, choice && billOf(choice)]);
    expect(seconds.map((each) => each.map((estimate) => estimate?.billedSeconds))).toEqual([
      [5, 9],
      [12, 9],
    ]);
    expect(built.jobs).toMatchObject([
      { durationMs: 5_000, heardMs: 9_000 },
      { durationMs: 12_000, heardMs: 9_000 },
    ]);
    expect(built.warnings.filter((warning) => warning.includes('stated'))).toEqual([
      './de.mp3 of a/de is 9 s long, and its duration is stated as 5 s: it is planned as stated, but a provider bills what it measures, and so does the budget',
      './fr.mp3 of a/fr is 9 s long, and its duration is stated as 12 s: it is planned as stated, but a provider bills what it measures, and so does the budget',
    ]);
  });

  it('says of a length that is only stated, of what is behind a URL, that nobody has looked', () => {
    const url = (name: string) => `{ audio: 'https://cdn.test/${name}.mp3', duration: 3s }`;
    const text = `${head}defaults: { provider: globex }
videos:
  - { id: a, source: ./a.mp4, tracks: { de: ${url('de')}, fr: 'https://cdn.test/fr.mp3', es: { audio: ./es.mp3, duration: 3s } } }
`;
    const stated = plan(text).plan.jobs.map(({ key, isLengthStated }) => [key, isLengthStated]);
    expect(stated).toEqual([
      ['a/de', true],
      ['a/fr', undefined],
      ['a/es', undefined],
    ]);
  });

  it('warns of subtitles that go on after their track', () => {
    const track = (seconds: number) => `{ audio: ./${seconds}.mp3, duration: ${seconds}s, subtitles: ./de.vtt }`;
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: ${track(30)}, fr: ${track(29)} } }\n`;
    const media = { 'de.vtt': { facts: factsFor('subtitles', 30_400) } };
    const said = plan(text, { media }).plan.warnings.filter((warning) => warning.includes('subtitles'));
    expect(said).toEqual(['the subtitles of a/fr go on to 30.4 s, and its track ends at 29 s']);
  });

  it('warns of a track that is much longer or shorter than its video', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: { audio: ./de.mp3, duration: 33s }, fr: { audio: ./fr.mp3, duration: 33.1s }, es: { audio: ./es.mp3, duration: 20s } } }\n`;
    const media = {
      'de.mp3': { facts: factsFor('audio', 33_000) },
      'fr.mp3': { facts: factsFor('audio', 33_100) },
      'es.mp3': { facts: factsFor('audio', 20_000) },
    };
    expect(problems(text, media)).toMatchInlineSnapshot(`
      "manifest.yaml:5:96: warning: the track of a/fr is 33.1 s, longer than its video of 30 s [LENGTH_DIFFERS]
        5 |   - { id: a, source: ./a.mp4, duration: 30s, tracks: { de: { audio: ./de.mp3, duration: 33s }, fr: { audio: ./…
          |                                                                                                ^^

      manifest.yaml:5:138: warning: the track of a/es is 20 s, shorter than its video of 30 s [LENGTH_DIFFERS]
        5 | … duration: 33.1s }, es: { audio: ./es.mp3, duration: 20s } } }
          |                      ^^

      2 warnings"
    `);
    expect(plan(text, { media }).plan.warnings).toEqual([
      'the track of a/fr is 33.1 s, longer than its video of 30 s',
      'the track of a/es is 20 s, shorter than its video of 30 s',
    ]);
  });
});
