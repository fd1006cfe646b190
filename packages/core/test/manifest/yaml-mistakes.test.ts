import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/index.js';
import { mistakes } from '../../testing/plan-from-text.js';

const base = 'version: 1\nbatch: b\n';
const video = `videos:
  - id: a
    source: ./a.mp4
    tracks: { de: ./de.mp3 }
`;

describe('mistakes in the YAML', () => {
  it('says what is wrong with an empty file', () => {
    const text = ``;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:1:1: the manifest is empty (a manifest: a mapping with version, batch and videos) [TYPE]
        1 |
          | ^

      1 mistake"
    `);
  });

  it('says what is wrong with a list in the place of the manifest', () => {
    const text = `- a
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:1:3: the manifest is a list (a manifest: a mapping with version, batch and videos) [TYPE]
        1 | - a
          |   ^

      1 mistake"
    `);
  });

  it('says what is wrong with a tab that indents', () => {
    const text = `version: 1
videos:
\t- id: a
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:1: a tab is used to indent (spaces) [YAML]
        3 |  - id: a
          | ^

      1 mistake"
    `);
  });

  it('says what is wrong with a quote that never ends', () => {
    const text = `version: 1
batch: "b
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:2:8: this quote is never closed (a closing quote) [YAML]
        2 | batch: "b
          |        ^

      1 mistake"
    `);
  });

  it('says what is wrong with a bracket that never ends', () => {
    const text = `version: 1
languages: [de, fr
batch: b
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:2:12: this bracket is never closed (a closing ]) [YAML]
        2 | languages: [de, fr
          |            ^

      1 mistake"
    `);
  });

  it.each([
    ['version: 1\nbatch: "b\ndefaults:\n  seed: 4\nvideos:\n  - id: a\n', '2:8: this quote is never closed'],
    ["version: 1\ndefaults: { prompt: 'hi, seed: 4 }\nvideos:\n  - id: 'a'\n", '2:21: this quote is never closed'],
    [
      'version: 1\nvideos:\n  - tracks: { de: y\n  - id: c\n    tracks: { de: y }\n',
      '3:13: this bracket is never closed',
    ],
    ['version: 1\nlanguages: [de, fr\nbatch: b\n', '2:12: this bracket is never closed'],
  ])('says once where a quote or bracket was opened that never ends: %j', (text, said) => {
    expect(mistakes(text)).toMatch(new RegExp(`^manifest.yaml:${said} .*\\n(.*\\n)*1 mistake$`));
  });

  it.each([
    ['videos:\n  - id: a\n    source: ./a.mp4\n   tracks: { de: x }\n', '4:4'],
    ['videos:\n  - id: a\n    source: ./a.mp4\n      tracks: { de: x }\n', '4:7'],
    ['version: 1\n batch: b\nvideos: []\n', '2:2'],
    ['defaults:\n  prompt: hi\n\n  # seeded\n    seed: 4\n', '5:5'],
    ['defaults:\n    prompt: hi\n  seed: 4\n', '3:3'],
  ])('says of a key that is indented wrongly that it is, at its first letter: %j', (text, place) => {
    const said = `^manifest.yaml:${place}: this line is indented unlike its neighbours .*\\n(.*\\n)*1 mistake$`;
    expect(mistakes(text)).toMatch(new RegExp(said));
  });

  it('counts no column for the mark that some editors put first', () => {
    const text = decodeText(Buffer.from('\ufeffvidoes: []\n'));
    expect(mistakes(text)).toContain('manifest.yaml:1:1: `vidoes` is unknown (did you mean `videos`?)');
  });

  it('says what is wrong with a text with a colon and no quotes', () => {
    const text = `version: 1
batch: b
defaults:
  prompt: A man: smiling
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:11: a second ": " stands on one line (put a text with ": " or " #" in it in quotes) [YAML]
        4 |   prompt: A man: smiling
          |           ^

      1 mistake"
    `);
  });

  it('says what is wrong with a key without its space', () => {
    const text = `version:1
batch: b
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:1:1: this key runs over more than one line (a colon and a space after the key) [YAML]
        1 | version:1
          | ^^^^^^^^^

      1 mistake"
    `);
  });

  it('says what is wrong with an alias without an anchor', () => {
    const text = `version: 1
batch: *name
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:2:8: the alias *name has no anchor above it (&name before the value that it stands for) [YAML]
        2 | batch: *name
          |        ^^^^^

      1 mistake"
    `);
  });

  it('says of every merge what it cannot merge', () => {
    const text = `version: 1
batch: b
defaults:
  <<: *dd
videos:
  - <<: 5
  - <<: [*a, &b {id: b}, [1]]
  - &c
    <<: *c
  - <<:
  - &ddd [1]
  - <<: *ddd
  - <<: *dddd
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:7: the alias *dd has no anchor above it (&dd before the value that it stands for) [YAML]
        4 |   <<: *dd
          |       ^^^

      manifest.yaml:6:9: \`<<\` merges mappings, and this is the number 5 (an alias of a mapping, as in <<: *name, or a list of such) [YAML]
        6 |   - <<: 5
          |         ^

      manifest.yaml:7:10: the alias *a has no anchor above it (&a before the value that it stands for) [YAML]
        7 |   - <<: [*a, &b {id: b}, [1]]
          |          ^^

      manifest.yaml:7:26: \`<<\` merges mappings, and this is a list (an alias of a mapping, as in <<: *name, or a list of such) [YAML]
        7 |   - <<: [*a, &b {id: b}, [1]]
          |                          ^^^

      manifest.yaml:9:9: the alias *c stands inside the value that it stands for (an alias outside of its own value) [YAML]
        9 |     <<: *c
          |         ^^

      manifest.yaml:10:8: \`<<\` merges mappings, and this is empty (an alias of a mapping, as in <<: *name, or a list of such) [YAML]
        10 |   - <<:
           |        ^

      manifest.yaml:11:11: \`<<\` merges mappings, and this is the number 1 (an alias of a mapping, as in <<: *name, or a list of such) [YAML]
        11 |   - &ddd [1]
           |           ^

      manifest.yaml:13:9: the alias *dddd has no anchor above it (did you mean *ddd?) [YAML]
        13 |   - <<: *dddd
           |         ^^^^^

      8 mistakes"
    `);
  });

  it('says what is wrong with two documents', () => {
    const text = `version: 1
---
batch: b
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:2:1: a second document starts here (one manifest a file, without ---) [YAML]
        2 | ---
          | ^^^

      1 mistake"
    `);
  });

  it('says what is wrong with a key that stands twice, with what else is wrong', () => {
    const text = `${base}batch: c
vidoes: []
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:1: \`batch\` stands here a second time (each key once) [DUPLICATE_KEY]
        3 | batch: c
          | ^^^^^

      manifest.yaml:4:1: \`vidoes\` is unknown (did you mean \`videos\`?) [UNKNOWN_KEY]
        4 | vidoes: []
          | ^^^^^^

      2 mistakes"
    `);
  });

  it('says what is wrong with YAML 1.1, in which Norwegian is false', () => {
    const text = `%YAML 1.1
---
${base}${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:1:1: the manifest asks for YAML 1.1, in which \`no\` is false and not Norwegian (YAML 1.2: drop the %YAML line) [YAML]
        1 | %YAML 1.1
          | ^^^^^

      1 mistake"
    `);
  });

  it.each([
    ['    id: {name}', 'manifest.yaml:5:9', '"{name}"'],
    ['    source: {name}.mp4', 'manifest.yaml:5:13', '"{name}.mp4"'],
    ['    tracks: {lang}/{name}.mp3', 'manifest.yaml:5:13', '"{lang}/{name}.mp3"'],
    ['    tracks: { {lang}: ./de.mp3 }', 'manifest.yaml:5:15', '"{lang}"'],
    ['    tracks:\n      {lang}: ./de.mp3', 'manifest.yaml:6:7', '"{lang}"'],
    ['    tracks: { de: {lang}.mp3 }\n    prompt: x\nlabels: { a: b }', 'manifest.yaml:5:19', '"{lang}.mp3"'],
  ])('says that braces need quotes in %j', (line, place, quoted) => {
    const said = mistakes(`version: 1\nbatch: b\nvideos:\n  - priority: 1\n${line}\n`).split('\n');
    const message = 'braces without quotes around them are a mapping in YAML';
    expect(said.filter((each) => /manifest.yaml:\d.*(YAML|TYPE|LANGUAGE)\]$/.test(each))).toEqual([
      `${place}: ${message} (quote it: ${quoted}) [YAML]`,
    ]);
  });
});
