import { describe, expect, it } from 'vitest';
import { formatIssue, type ManifestIssue, parseManifest } from '../../src/index.js';
import { mistakes } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const video = 'videos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n';

function places(text: string): string[] {
  const { issues } = parseManifest(text, { file: 'm.yaml', catalogue: testCatalogue });
  return issues.map(({ code, line, column, length }) => `${code} ${line}:${column}+${length}`);
}

describe('the place of a mistake', () => {
  it('is the same with Windows line ends and with a byte order mark', () => {
    const text = `version: 1\nbatch: b\nemulate: yes\n${video}`;
    expect(places(text)).toEqual(['TYPE 3:10+3']);
    expect(places(text.replaceAll('\n', '\r\n'))).toEqual(['TYPE 3:10+3']);
    expect(places(`\ufeff${text}`)).toEqual(['TYPE 3:10+3']);
    expect(mistakes(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toContain('  3 | emulate: yes\n    |          ^^^');
  });

  it('is where the value really stands, behind aliases and merges', () => {
    const text = `version: 1
batch: b
defaults: { prompt: Hi }
videos:
  - { id: a, source: ./a.mp4, tracks: &tracks { de: { audio: ./a.mp3, seed: x } } }
  - { id: b, source: ./b.mp4, tracks: *tracks }
`;
    expect(places(text)).toEqual(['TYPE 5:77+1']);
  });

  it('is the same in a list of videos so long that it is parsed in pieces', () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => {
      return `  - { id: v${index}, source: ./a.mp4, tracks: { de: ./${index}.mp3 } }`;
    });
    const text = (last: string) => `version: 1\nbatch: b\nvideos:\n${lines.join('\n')}\n${last}`;
    expect(text('').length).toBeGreaterThan(100_000);
    expect(places(text(''))).toEqual([]);
    expect(places(text('  - id: z\n    source: ./z.mp4\n    tracks: { de: 5 }\n'))).toEqual(['TYPE 2506:19+1']);
    expect(places(text('  - id: z\n    id: y\n'))).toContain('DUPLICATE_KEY 2505:5+2');
    expect(places(text('  - id: "z\n'))).toEqual(['YAML 2504:9+1']);
  });

  it('is the key where a value is empty', () => {
    expect(mistakes(`version: 1\nbatch:\n${video}`)).toMatchInlineSnapshot(`
      "manifest.yaml:2:1: \`batch\` is empty (a name such as spring-launch) [TYPE]
        2 | batch:
          | ^^^^^

      1 mistake"
    `);
  });

  it('is found in every shape of a list or mapping', () => {
    const text = `version: 1
batch: b
languages: { de: true }
videos:
  - ./a.mp4
  - id: b
    source: [./b.mp4]
    tracks:
      - de: ./de.mp3
  - id: c
    source: ./c.mp4
    tracks:
      419: ./c.mp3
      ? [de]
      : ./d.mp3
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:12: \`languages\` is a mapping (a list of language tags such as [de, pt-BR, ja]) [TYPE]
        3 | languages: { de: true }
          |            ^^^^^^^^^^^^

      manifest.yaml:5:5: video 1 is the text "./a.mp4" (a video: a mapping with id, source and tracks) [TYPE]
        5 |   - ./a.mp4
          |     ^^^^^^^

      manifest.yaml:7:13: \`source\` is a list (a path such as ./media/keynote.mp4, or an https URL) [TYPE]
        7 |     source: [./b.mp4]
          |             ^^^^^^^^^

      manifest.yaml:9:9: \`tracks\` is a list (a track for each language, such as { de: ./audio/keynote.de.mp3 }, or a pattern such as ./audio/{lang}/{name}.mp3) [TYPE]
        9 |       - de: ./de.mp3
          |         ^^

      manifest.yaml:13:7: "419" is no language tag (a language tag such as de, pt-BR or es-419) [LANGUAGE]
        13 |       419: ./c.mp3
           |       ^^^

      manifest.yaml:13:7: "[ de ]" is no language tag (a language tag such as de, pt-BR or es-419) [LANGUAGE]
        13 |       419: ./c.mp3
           |       ^^^

      6 mistakes"
    `);
  });
});

describe('the printed line', () => {
  const issue = (change: Partial<ManifestIssue>): ManifestIssue => ({
    code: 'VALUE',
    severity: 'error',
    file: 'm.yaml',
    line: 1,
    column: 1,
    length: 1,
    message: 'wrong',
    ...change,
  });
  const print = (change: Partial<ManifestIssue>, text: string) => formatIssue(issue(change), text, { color: false });

  it('puts the caret under wide and composed characters', () => {
    expect(print({ column: 9, length: 3 }, 'name: 序章 bad')).toMatchInlineSnapshot(`
      "m.yaml:1:9: wrong [VALUE]
        1 | name: 序章 bad
          |           ^^^"
    `);
    expect(print({ column: 7, length: 5 }, 'name: cafe\u0301')).toMatchInlineSnapshot(`
      "m.yaml:1:7: wrong [VALUE]
        1 | name: café
          |       ^^^^"
    `);
  });

  it('cuts a long line around the place', () => {
    expect(print({ column: 301, length: 4 }, `${'x '.repeat(150)}here${' y'.repeat(150)}`)).toMatchInlineSnapshot(`
      "m.yaml:1:301: wrong [VALUE]
        1 | …x x x x x x x x x x here y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y y…
          |                      ^^^^"
    `);
  });

  it('shows no control characters and no text that runs backwards', () => {
    expect(print({ column: 3 }, 'a\tb\u0007\u202ec')).toMatchInlineSnapshot(`
      "m.yaml:1:3: wrong [VALUE]
        1 | a b��c
          |   ^"
    `);
  });

  it('shows no keys and no signatures', () => {
    const text = 'a: "https://cdn.test/a.mp4?X-Amz-Signature=0123abcd&v=1", api_key: sk-51H8xYz0123456789abcdef';
    const line = print({ column: 1 }, text).split('\n')[1] ?? '';
    expect(line).toMatchInlineSnapshot(
      `"  1 | a: "https://cdn.test/a.mp4?X-Amz-Signature=********&v=1", api_key: **************************"`,
    );
  });

  it('marks the place, the line and warnings in color when asked to', () => {
    const text = formatIssue(issue({ severity: 'warning', expected: 'right' }), 'x', { color: true });
    expect(JSON.stringify(text)).toMatchInlineSnapshot(
      `""\\u001b[1mm.yaml:1:1:\\u001b[0m \\u001b[33mwarning:\\u001b[0m wrong (right) \\u001b[2m[VALUE]\\u001b[0m\\n\\u001b[2m  1 |\\u001b[0m x\\n\\u001b[2m    |\\u001b[0m \\u001b[31m^\\u001b[0m""`,
    );
  });

  it('lets no file’s name do anything to a terminal, and keeps its spaces', () => {
    const name = 'e\u001b[31m  X\u202e.mp4';
    const text = formatIssue(issue({ file: name, message: `${name} is wrong`, expected: name }), name, {
      color: false,
    });
    expect(text).toBe(
      'e [31m  X.mp4:1:1: e [31m  X.mp4 is wrong (e [31m  X.mp4) [VALUE]\n  1 | e�[31m  X�.mp4\n    | ^',
    );
  });

  it('says what it can of a file whose text is not at hand', () => {
    expect(formatIssue(issue({ expected: 'right' }), () => null, { color: false })).toBe(
      'm.yaml:1:1: wrong (right) [VALUE]',
    );
  });
});
