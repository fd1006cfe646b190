import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatDuration, formatIssues, formatUsd, parseManifest } from '../../src/index.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

/** A value as it is written and as it should be read. */
interface Written {
  readonly text: unknown;
  readonly value: unknown;
}

const same = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((value): Written => ({ text: value, value }));
const duration = fc
  .integer({ min: 1, max: 10_000_000 })
  .map((value): Written => ({ text: formatDuration(value), value }));
const usd = fc.integer({ min: 0, max: 1_000_000_000 }).map((value): Written => ({ text: formatUsd(value), value }));
const name = fc
  .stringMatching(/^[a-zA-Z0-9](?:[\w .é-]{0,20}[a-zA-Z0-9])?$/)
  .filter((text) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(text));
const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== '');
const path = fc.stringMatching(/^\.\/[\w /.-]{1,20}\.mp3$/);
const language = fc.constantFrom('de', 'pt-BR', 'pt-br', 'es-419', 'no', 'zh-Hans-CN', 'ja', 'sr-Latn');
const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), line);

/** A mapping of some of the fields. */
function mapping(
  fields: Readonly<Record<string, fc.Arbitrary<Written>>>,
  required: readonly string[] = [],
): fc.Arbitrary<Written> {
  return fc.record(fields, { requiredKeys: [...required] }).map((record) => {
    const entries = Object.entries(record as Record<string, Written>);
    return {
      text: Object.fromEntries(entries.map(([key, { text }]) => [key, text])),
      value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    };
  });
}

const settings = {
  provider: same(fc.uniqueArray(fc.constantFrom('acme', 'globex', 'globex/dub', 'cheapest'), { minLength: 1 })),
  resolution: same(fc.constantFrom('480p', '720p')),
  prompt: same(line),
  seed: same(fc.integer({ min: -1, max: 2_147_483_647 })),
  options: same(
    fc.record({
      initech: fc.record({ speed: fc.constantFrom('slow', 'fast'), polish: fc.boolean() }, { requiredKeys: [] }),
    }),
  ),
  priority: same(fc.integer({ min: -1000, max: 1000 })),
  labels: same(labels),
};
const { labels: _, ...defaults } = settings;
const track = fc.oneof(
  same(path),
  mapping({ ...settings, audio: same(path), duration, mask_image: same(path) }, ['audio']),
  mapping(
    {
      ...settings,
      left_audio: same(path),
      right_audio: same(path),
      order: same(fc.constantFrom('meanwhile', 'left_right')),
      left_duration: duration,
    },
    ['left_audio', 'right_audio'],
  ),
);
const tracks = fc
  .uniqueArray(language, { minLength: 1, maxLength: 4, selector: (tag) => tag.toLowerCase() })
  .chain((tags) => mapping(Object.fromEntries(tags.map((tag) => [tag, track])), tags));
const video = (id: string) =>
  mapping({ ...settings, id: same(fc.constant(id)), source: same(path), duration, tracks }, ['id', 'source', 'tracks']);
const videos = fc
  .uniqueArray(name, { minLength: 1, maxLength: 4, selector: (id) => id.normalize('NFC').toLowerCase() })
  .chain((ids) => fc.tuple(...ids.map(video)))
  .map((items): Written => ({ text: items.map(({ text }) => text), value: items.map(({ value }) => value) }));
const provider = mapping({
  keys: same(fc.constant(undefined)).map(() => ({
    text: ['KEY_A', { env: 'KEY_B', account: 'main' }],
    value: [
      { env: 'KEY_A', account: null },
      { env: 'KEY_B', account: 'main' },
    ],
  })),
  limits: mapping({
    creates: same(fc.integer({ min: 1, max: 5000 })),
    per: duration,
    concurrent: same(fc.integer({ min: 1, max: 5000 })),
  }),
  price: mapping({ usd_per_second: usd, minimum_seconds: same(fc.nat(60)) }),
  poll: mapping({ first: duration, every: duration }),
  timeout: duration,
  base_url: same(fc.constant('https://api.acme.test/v1')),
});
const manifest = mapping(
  {
    version: same(fc.constant(1)),
    batch: same(name),
    languages: same(fc.constant(['de', 'pt-BR'])),
    on_missing_track: same(fc.constantFrom('error', 'warn')),
    labels: same(labels),
    defaults: mapping(defaults),
    budget: mapping({
      max_usd: usd,
      per_day_usd: usd,
      confirm_above_usd: usd,
      providers: mapping({ acme: mapping({ max_usd: usd }), globex: mapping({ per_month_usd: usd }) }),
      languages: mapping({ de: mapping({ max_usd: usd }), 'pt-br': mapping({ per_day_usd: usd }) }),
      labels: mapping({ course: mapping({ onboarding: mapping({ max_usd: usd }) }) }),
      margin: fc.nat(100).map((value): Written => ({ text: `${value}%`, value })),
    }),
    on_uncertain: same(fc.constantFrom('hold', 'absent', 'resubmit')),
    failover_on_rejection: same(fc.boolean()),
    emulate: same(fc.boolean()),
    output: mapping({ dir: same(path), name: same(fc.constantFrom('{lang}/{video}.mp4', '{video}.{lang}.MP4')) }),
    providers: mapping({ acme: provider, globex: provider }),
    videos,
  },
  ['version', 'batch', 'videos'],
);

/** Without the fields that nobody set. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('a manifest', () => {
  it('comes back from YAML as it went in', () => {
    fc.assert(
      fc.property(manifest, fc.constantFrom('BLOCK_LITERAL', 'QUOTE_DOUBLE', 'PLAIN'), ({ text, value }, style) => {
        const yaml = stringify(text, { defaultStringType: style as 'PLAIN', aliasDuplicateObjects: style === 'PLAIN' });
        const parsed = parseManifest(yaml, { file: 'm.yaml', catalogue: testCatalogue });
        if (parsed.manifest === null) throw new Error(formatIssues(parsed.issues, yaml, { color: false }));
        const { source: _source, ...values } = parsed.manifest;
        expect(plain(values)).toEqual(plain(value));
      }),
      { numRuns: 150 },
    );
  });

  it('never makes the parser throw, and every issue has a place in the text', () => {
    const words = fc.constantFrom(
      'version: 1\n',
      'batch: b\n',
      'videos:\n',
      '  - id: a\n',
      '    source: ./a\n',
      '    tracks: { de: x }\n',
      '- ',
      ': ',
      '{',
      '}',
      '[',
      '"',
      '\t',
      '*a',
      '&a ',
      '!',
      '|',
      '%',
      'no',
      '\n',
      'é',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const { manifest: parsed, issues } = parseManifest(text, { file: 'm.yaml', catalogue: testCatalogue });
        expect(parsed === null).toBe(issues.length > 0);
        const lines = text.split('\n');
        for (const issue of issues) {
          expect(issue.line).toBeLessThanOrEqual(lines.length);
          expect(issue.column - 1).toBeLessThanOrEqual((lines[issue.line - 1] ?? '').length);
          expect(issue.length).toBeGreaterThan(0);
        }
        formatIssues(issues, text, { color: true });
      }),
      { numRuns: 500 },
    );
  });
});
