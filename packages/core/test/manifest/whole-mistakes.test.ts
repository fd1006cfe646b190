import { describe, expect, it } from 'vitest';
import { mistakes } from '../../testing/plan-from-text.js';

const base = 'version: 1\nbatch: b\n';

describe('mistakes between fields', () => {
  it('tells a key that is misspelt once, and not that the right one is missing', () => {
    const said = mistakes(`version: 1
batch: b
videos:
  - { id: a, source: ./a.mp4, trakcs: { de: ./a.de.mp3 } }
  - { id: b, sorce: ./b.mp4, tracks: { de: { adio: ./b.de.mp3 } } }
  - { from: "./*.mp4", id: "{name}", trakcs: "./{name}.{lang}.mp3" }
`);
    expect(said.match(/\[\w+\]$/gm)).toEqual(Array(4).fill('[UNKNOWN_KEY]'));
  });

  it('says what is wrong with ids that are none', () => {
    const text = `${base}videos:
  - { id: a/b, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { id: -x, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { id: con, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { id: 7, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { source: ./a.mp4, tracks: { de: ./de.mp3 } }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:11: \`id\` is "a/b", and / is not allowed in it (a name of letters, digits and . _ -) [VALUE]
        4 |   - { id: a/b, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |           ^^^

      manifest.yaml:5:11: \`id\` is "-x", which starts or ends with a dot, a dash or a space (a name of letters, digits and . _ -) [VALUE]
        5 |   - { id: -x, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |           ^^

      manifest.yaml:6:11: \`id\` is "con", a name that Windows keeps for itself (a name of letters, digits and . _ -) [VALUE]
        6 |   - { id: con, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |           ^^^

      manifest.yaml:7:11: \`id\` is the number 7 (put it in quotes: "7") [TYPE]
        7 |   - { id: 7, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |           ^

      manifest.yaml:8:5: \`id\` is missing in video 5 (a name of letters, digits and . _ -) [MISSING]
        8 |   - { source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      5 mistakes"
    `);
  });

  it.each([
    ['prn .x', 'a name that Windows keeps for itself'],
    ['CONIN$', 'a name that Windows keeps for itself'],
    ['key\\u200bnote', 'with the invisible character U+200B in it'],
    ['key\\u200dnote', 'with the invisible character U+200D in it'],
    ['x\\u202egpj', 'with the invisible character U+202E in it'],
  ])('refuses the id %s, which no eye or no system takes for what it is', (id, fault) => {
    expect(mistakes(`${base}videos: [{ id: "${id}", source: ./a.mp4, tracks: { de: ./de.mp3 } }]\n`)).toContain(fault);
  });

  it('takes an id with the joiners of its script', () => {
    const id = 'می\u200cخواهم 👩\u200d🏫';
    expect(mistakes(`${base}videos: [{ id: "${id}", source: ./a.mp4, tracks: { de: ./de.mp3 } }]\n`)).toBe(
      'no mistakes',
    );
  });

  it('says what is wrong with ids that stand twice', () => {
    const text = `${base}videos:
  - { id: Intro, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { id: Intro, source: ./b.mp4, tracks: { de: ./de.mp3 } }
  - { id: intro, source: ./c.mp4, tracks: { de: ./de.mp3 } }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:11: a video with the id "Intro" stands above (each id once) [DUPLICATE_ID]
        5 |   - { id: Intro, source: ./b.mp4, tracks: { de: ./de.mp3 } }
          |           ^^^^^

      manifest.yaml:6:11: \`id\` is "intro" and above it stands "Intro", which some file systems do not tell apart (each id once) [DUPLICATE_ID]
        6 |   - { id: intro, source: ./c.mp4, tracks: { de: ./de.mp3 } }
          |           ^^^^^

      2 mistakes"
    `);
  });

  it('says that a video has no track also where its id stands twice', () => {
    const text = `${base}videos:
  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - { id: a, source: ./b.mp4, tracks: {} }
`;
    expect(mistakes(text)).toContain('manifest.yaml:5:5: video a has no track');
    expect(mistakes(text)).toContain('2 mistakes');
  });

  it('says what is wrong with languages that are none', () => {
    const text = `${base}languages: [english, en-UK, es-LA, deutsch, jp, qq]
videos:
  - id: a
    source: ./a.mp4
    tracks: { pt_BR: ./a.mp3, zh-TWN: ./b.mp3, en-XX: ./c.mp3, french (canada): ./d.mp3, no: ./e.mp3 }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:13: item 1 of \`languages\` is "english", which has an unknown language, english (en) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |             ^^^^^^^

      manifest.yaml:3:22: item 2 of \`languages\` is "en-UK", which has an unknown region, UK (en-GB) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |                      ^^^^^

      manifest.yaml:3:29: item 3 of \`languages\` is "es-LA", which is Spanish as spoken in Laos (es-419 for Latin America, or es) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |                             ^^^^^

      manifest.yaml:3:36: item 4 of \`languages\` is "deutsch", which has an unknown language, deutsch (de) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |                                    ^^^^^^^

      manifest.yaml:3:45: item 5 of \`languages\` is "jp", which has an unknown language, jp (ja) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |                                             ^^

      manifest.yaml:3:49: item 6 of \`languages\` is "qq", which has an unknown language, qq (a language tag such as de, pt-BR or es-419) [LANGUAGE]
        3 | languages: [english, en-UK, es-LA, deutsch, jp, qq]
          |                                                 ^^

      manifest.yaml:7:15: "pt_BR" is no language tag (pt-BR) [LANGUAGE]
        7 |     tracks: { pt_BR: ./a.mp3, zh-TWN: ./b.mp3, en-XX: ./c.mp3, french (canada): ./d.mp3, no: ./e.mp3 }
          |               ^^^^^

      manifest.yaml:7:31: "zh-TWN" is no language tag (zh-TW) [LANGUAGE]
        7 |     tracks: { pt_BR: ./a.mp3, zh-TWN: ./b.mp3, en-XX: ./c.mp3, french (canada): ./d.mp3, no: ./e.mp3 }
          |                               ^^^^^^

      manifest.yaml:7:48: "en-XX" has an unknown region, XX (en) [LANGUAGE]
        7 |     tracks: { pt_BR: ./a.mp3, zh-TWN: ./b.mp3, en-XX: ./c.mp3, french (canada): ./d.mp3, no: ./e.mp3 }
          |                                                ^^^^^

      manifest.yaml:7:64: "french (canada)" is no language tag (fr-CA) [LANGUAGE]
        7 |     tracks: { pt_BR: ./a.mp3, zh-TWN: ./b.mp3, en-XX: ./c.mp3, french (canada): ./d.mp3, no: ./e.mp3 }
          |                                                                ^^^^^^^^^^^^^^^

      10 mistakes"
    `);
  });

  it('says what is wrong with two spellings of one language', () => {
    const text = `${base}languages: [he, iw]
videos:
  - id: a
    source: ./a.mp4
    tracks:
      pt-BR: ./a.mp3
      pt-br: ./b.mp3
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:17: "iw" and "he" are one language, he (one of them) [DUPLICATE_LANGUAGE]
        3 | languages: [he, iw]
          |                 ^^

      manifest.yaml:9:7: "pt-br" and "pt-BR" are one language, pt-BR (one of them) [DUPLICATE_LANGUAGE]
        9 |       pt-br: ./b.mp3
          |       ^^^^^

      2 mistakes"
    `);
  });

  it('says what is wrong with entries of two kinds or none', () => {
    const text = `${base}videos:
  - { id: a, source: ./a.mp4, from: ./*.mp4, tracks: { de: ./de.mp3 } }
  - { id: lesson, from: ./*.mp4, duration: 3s, tracks: './{lang}/{name}.mp3' }
  - { csv: ./rows.csv, id: x }
  - { id: b, tracks: { de: ./de.mp3 } }
  - { from: ./*.mp4 }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:31: \`from\` cannot stand beside \`source\` (one of source, from and csv) [CONFLICT]
        4 |   - { id: a, source: ./a.mp4, from: ./*.mp4, tracks: { de: ./de.mp3 } }
          |                               ^^^^

      manifest.yaml:5:11: \`id\` is "lesson" for every match (a pattern with {name} in it) [VALUE]
        5 |   - { id: lesson, from: ./*.mp4, duration: 3s, tracks: './{lang}/{name}.mp3' }
          |           ^^^^^^

      manifest.yaml:5:34: \`duration\` cannot stand beside \`from\` (an item with source for that video) [CONFLICT]
        5 |   - { id: lesson, from: ./*.mp4, duration: 3s, tracks: './{lang}/{name}.mp3' }
          |                                  ^^^^^^^^

      manifest.yaml:6:24: \`id\` cannot stand beside \`csv\` (a column of that file) [CONFLICT]
        6 |   - { csv: ./rows.csv, id: x }
          |                        ^^

      manifest.yaml:7:5: \`source\` is missing in video b (source, or from with a pattern, or csv with a file) [MISSING]
        7 |   - { id: b, tracks: { de: ./de.mp3 } }
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:8:5: \`tracks\` is missing in video 5 (a pattern such as ./audio/{lang}/{name}.mp3) [MISSING]
        8 |   - { from: ./*.mp4 }
          |     ^^^^^^^^^^^^^^^^^

      6 mistakes"
    `);
  });

  it('says what is wrong with voices that do not go together', () => {
    const text = `${base}videos:
  - id: a
    source: ./a.mp4
    tracks:
      de: { prompt: Hi }
      fr: { left_audio: ./l.wav }
      es: { audio: ./a.wav, left_audio: ./l.wav, right_audio: ./r.wav }
      it: { audio: ./a.wav, order: left_right }
      nl: { left_audio: ./l.wav, right_audio: ./r.wav, order: both }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:7:7: \`audio\` is missing in track de (audio, or left_audio and right_audio) [MISSING]
        7 |       de: { prompt: Hi }
          |       ^^

      manifest.yaml:8:13: \`right_audio\` is missing in track fr (both voices) [MISSING]
        8 |       fr: { left_audio: ./l.wav }
          |             ^^^^^^^^^^

      manifest.yaml:9:13: \`audio\` cannot stand beside \`left_audio\` and \`right_audio\` (one voice or two) [CONFLICT]
        9 |       es: { audio: ./a.wav, left_audio: ./l.wav, right_audio: ./r.wav }
          |             ^^^^^

      manifest.yaml:10:29: \`order\` is for two voices (left_audio and right_audio, or no such field) [CONFLICT]
        10 |       it: { audio: ./a.wav, order: left_right }
           |                             ^^^^^

      manifest.yaml:11:63: \`order\` is "both" (meanwhile, left_right or right_left) [VALUE]
        11 |       nl: { left_audio: ./l.wav, right_audio: ./r.wav, order: both }
           |                                                               ^^^^

      5 mistakes"
    `);
  });

  it('says what is wrong with patterns with unknown placeholders', () => {
    const text = `${base}videos:
  - { from: ./*.mp4, id: 'x-{nam}', tracks: './{language}/{name}.mp3' }
  - { from: ./a/*.mp4, tracks: ./audio.mp3 }
  - { from: ./b/*.mp4, tracks: 'https://cdn.test/{lang}.mp3' }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:26: \`id\` is "x-{nam}", and {nam} is unknown (did you mean {name}?) [VALUE]
        4 |   - { from: ./*.mp4, id: 'x-{nam}', tracks: './{language}/{name}.mp3' }
          |                          ^^^^^^^^^

      manifest.yaml:4:45: \`tracks\` is "./{language}/{name}.mp3", and {language} is unknown (did you mean {lang}?) [VALUE]
        4 |   - { from: ./*.mp4, id: 'x-{nam}', tracks: './{language}/{name}.mp3' }
          |                                             ^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:5:32: \`tracks\` has no {lang} in it (a pattern with {lang} in it, such as ./audio/{lang}/{name}.mp3) [VALUE]
        5 |   - { from: ./a/*.mp4, tracks: ./audio.mp3 }
          |                                ^^^^^^^^^^^

      manifest.yaml:6:32: \`tracks\` is a URL (paths here; URLs go under their language tags) [VALUE]
        6 |   - { from: ./b/*.mp4, tracks: 'https://cdn.test/{lang}.mp3' }
          |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      4 mistakes"
    `);
  });
});
