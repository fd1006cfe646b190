import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { valuesInPieces, YAML_OPTIONS } from '../../src/manifest/values-in-pieces.js';

const HEAD = 'version: 1\nbatch: spring # a name\n\n';
const PIECE = 40;

describe('a manifest that is read in pieces', () => {
  test.each([
    ['two spaces in', '  '],
    ['at the margin', ''],
  ])('says what it says as a whole: its list %s', (_, margin) => {
    const items = ['id: a', 'id: b # why', 'id: "c: d"', '[x, { y: z }]', "'it''s'", '|+\n      a\n\n', '', '- deep\n'];
    const text = `${HEAD}videos:\n${items.map((item) => `${margin}- ${item}\n`).join('')}\n# end\nlanguages: [de]\n`;
    expect(valuesInPieces(text, PIECE)).toEqual(wholeValues(text));
    expect(Object.keys(valuesInPieces(text, PIECE) as object)).toEqual(['version', 'batch', 'videos', 'languages']);
    const windows = text.replaceAll('\n', '\r\n');
    expect(valuesInPieces(windows, PIECE)).toEqual(wholeValues(windows));
  });

  test.each([
    ['an anchor', 'videos:\n  - &a { id: a }\n  - *a\n'],
    ['a merge', 'videos:\n  - <<: { id: a }\n'],
    ['a tag', 'videos:\n  - !!str 1\n'],
    ['a tab', 'videos:\n  - id:\ta\n'],
    ['YAML 1.1', '%YAML 1.1\n---\nvideos:\n  - no\n'],
    ['a second document', 'videos:\n  - a\n---\nvideos:\n  - b\n'],
    ['a list that ends to the left', 'videos:\n   - a\n  - b\n'],
    ['a second list', 'videos:\n  - a\nvideos:\n  - b\n'],
    ['a key twice', 'videos:\n  - id: a\n    id: b\n'],
    ['a quote without end', 'videos:\n  - "a\n  - b\n'],
    ['a bracket without end', 'videos:\n  - [a\n  - b]\n'],
    ['a list in brackets', '{\nvideos:\n  - a\n}\n'],
    ['no list', 'videos:\n  a: 1\n'],
    ['an empty list', 'videos:\n'],
  ])('is left to be read as a whole where there is %s', (_, text) => {
    expect(valuesInPieces(text, PIECE)).toBeNull();
  });

  test('says what it says as a whole, or nothing, whatever its lines are', () => {
    const seen = { read: 0 };
    fc.assert(
      fc.property(manifest, fc.nat({ max: 80 }), (text, piece) => {
        const values = valuesInPieces(text, piece);
        if (values === null) return;
        seen.read += 1;
        const { errors, warnings } = parseDocument(text, YAML_OPTIONS);
        expect([...errors, ...warnings]).toEqual([]);
        expect(JSON.stringify(values)).toBe(JSON.stringify(wholeValues(text)));
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(seen.read).toBeGreaterThan(300);
  });
});

const strange = fc.constantFrom(
  ...[
    'a',
    '1',
    '0x1F',
    '1e3',
    'true',
    'null',
    '~',
    '',
    'no',
    '.5',
    'a#b',
    'a b',
    'a: b',
    '# c',
    '- a',
    '"a\\n # b"',
    "'a''b'",
  ],
  ...[
    '{ x: 1, y: [2] }',
    '[a,\n        b]',
    '{\n        x: 1\n    }',
    '"a\n        b"',
    'a\n        b',
    '"a\n  b"',
    '?',
    'a:',
    '*.mp4',
  ],
  ...[
    '|\n        a\n      # b\n',
    '>-\n        a\n\n        b',
    '|+\n        a\n\n',
    '|2\n    a',
    '|\n  - a',
    './*.mp4',
    'a &b',
    '\u00a0',
    'a\u2028b',
  ],
);

const scalar = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', '1', '"b"', '{ c: 1 }') }, strange);

const field = fc.tuple(fc.constantFrom('source', 'duration', '"q"', '? x'), scalar);

const strayLine = fc.constantFrom(
  ...[
    '',
    '   ',
    '# c',
    '  # c',
    '        # c',
    '#',
    '  -',
    '  - - a',
    '    - a',
    '  b',
    'b: 1',
    '- a',
    '---',
    '\u00a0',
  ],
  ...['   - a', '\tid: a', '    tracks:\n      de: a', '    tracks:\n      - a', '    - a'],
);

/** A mapping with each key once, or a value alone; now and then with a line that may not belong there. */
const item = fc
  .record({
    fields: fc.uniqueArray(field, { maxLength: 3, selector: ([key]) => key }),
    alone: fc.option(scalar, { freq: 4 }),
    value: scalar,
    stray: fc.option(strayLine, { freq: 1 }),
  })
  .map(({ fields, alone, value, stray }) => {
    const own = fields.map(([key, each]) => `    ${key}: ${each}`);
    const lines = alone === null ? [`  - id: ${value}`, ...own] : [`  - ${alone}`];
    return [...lines, ...(stray === null ? [] : [stray])].join('\n');
  });

/** Mostly in order, and now and then with a character that does not belong there. */
const manifest = fc
  .record({
    head: fc.constantFrom(
      HEAD,
      HEAD,
      HEAD,
      HEAD,
      '',
      '\ufeffversion: 1\n',
      '# c\n',
      'prompt: "a\n',
      'prompt: |\n  a\n',
      '{\n',
      '? a\n',
    ),
    key: fc.constantFrom('videos:', 'videos:', 'videos: # c', 'videos: ', 'videos:#'),
    lines: fc.array(item, { minLength: 1, maxLength: 5 }),
    tail: fc.constantFrom(
      '',
      '',
      'languages: [de]\n',
      '\n# c\nlanguages: [de]\n',
      '}\n',
      ' b: 1\n',
      'videos: []\n',
      '  ',
    ),
    isShifted: fc.boolean(),
    end: fc.constantFrom('\n', '\n', '\n', '\r\n', '\r'),
    slip: fc.option(
      fc.tuple(fc.nat({ max: 200 }), fc.constantFrom(' ', '"', "'", '[', '}', '-', '#', ':', '\n', '&a ', '!', '')),
      { freq: 4 },
    ),
  })
  .map(({ head, key, lines, tail, isShifted, end, slip }) => {
    const own = lines.map((each) => (isShifted ? each.replace(/^ {2}/gm, '') : each));
    const text = `${head}${key}\n${own.join('\n')}\n${tail}`.replaceAll('\n', end);
    if (slip === null) return text;
    const [at, put] = slip;
    return `${text.slice(0, at)}${put}${text.slice(put === '' ? at + 1 : at)}`;
  });

function wholeValues(text: string): unknown {
  return parseDocument(text, YAML_OPTIONS).toJS();
}
