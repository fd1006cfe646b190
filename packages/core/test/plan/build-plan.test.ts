import { describe, expect, it } from 'vitest';
import { buildPlan } from '../../src/index.js';
import { expand, plan, problems } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

const head = 'version: 1\nbatch: b\n';
const video = 'videos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n';

describe('the rest of the plan', () => {
  it('names outputs by the template and the user’s spelling, and keeps the manifest’s order', () => {
    const text = `${head}output: { dir: ./out, name: '{lang}/{video}.mp4' }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { PT-br: ./pt.mp3, de: ./de.mp3 } }\n`;
    const { plan: built } = plan(text);
    expect(built.outputDir).toBe('/project/out');
    expect(built.jobs.map(({ key, language, output, position }) => [key, language, output, position])).toEqual([
      ['a/pt-BR', 'pt-BR', 'PT-br/a.mp4', 0],
      ['a/de', 'de', 'de/a.mp4', 1],
    ]);
  });

  it('lets jobs of a higher priority go first', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3, fr: { audio: ./fr.mp3, priority: -1 } } }\n  - { id: b, source: ./b.mp4, priority: 5, tracks: { de: ./de.mp3 } }\n`;
    expect(plan(text).plan.jobs.map(({ key, position }) => [key, position])).toEqual([
      ['b/de', 0],
      ['a/de', 1],
      ['a/fr', 2],
    ]);
  });

  it('keeps long Unicode ids apart, and leaves room for what is written beside an output', () => {
    const ids = ['甲', '乙'].map((end) => `${'序章'.repeat(50)}${end}`);
    const text = `${head}defaults: { provider: globex }\noutput: { name: "{video}/{video}-{video}-{lang}.mp4" }\nvideos:\n${ids
      .map((id) => `  - { id: ${id}, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n`)
      .join('')}`;
    const outputs = plan(text).plan.jobs.map(({ output }) => output);
    expect(new Set(outputs).size).toBe(2);
    for (const segment of outputs.flatMap((output) => output.split('/'))) {
      expect(new TextEncoder().encode(segment).length).toBeLessThanOrEqual(200);
    }
    expect(outputs.every((output) => output.endsWith('.mp4'))).toBe(true);
  });

  it('says when two jobs would write one file', () => {
    const text = `${head}output: { name: '{lang}.mp4' }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n  - { id: b, source: ./b.mp4, tracks: { DE: ./de.mp3 } }\n`;
    expect(problems(text)).toMatchInlineSnapshot(`
      "manifest.yaml:7:41: b/de and a/de would both be written to DE.mp4 (an output.name that tells them apart, such as {video}/{video}.{lang}.mp4) [OUTPUT_CLASH]
        7 |   - { id: b, source: ./b.mp4, tracks: { DE: ./de.mp3 } }
          |                                         ^^

      1 mistake"
    `);
  });

  it('merges labels, the nearest last', () => {
    const text = `${head}labels: { course: a, team: x }\ndefaults: { provider: globex }\nvideos:\n  - { id: a, source: ./a.mp4, labels: { course: b }, tracks: { de: { audio: ./de.mp3, labels: { take: 2 } } } }\n`;
    expect(plan(text).plan.jobs[0]?.labels).toEqual({ course: 'b', team: 'x', take: '2' });
  });

  it('fills in what the manifest leaves to the catalogue', () => {
    const text = `${head}providers:
  globex: { tier: silver, limits: { concurrent: 7 }, keys: [A, { env: B, account: main }], base_url: 'http://127.0.0.1:9/', poll: { first: 20s }, timeout: 45m }
  acme: {}
defaults: { provider: globex }
budget: { max_usd: 250, per_day_usd: '99.99', margin: 12.5% }
on_uncertain: absent
emulate: true
${video}`;
    const { plan: built } = plan(text);
    expect(built).toMatchObject({
      emulate: true,
      onUncertain: 'absent',
      failoverOnRejection: false,
      budget: {
        caps: [
          { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 250_000_000 },
          { name: 'budget.per_day_usd', scope: { kind: 'all' }, period: 'day', micros: 99_990_000 },
        ],
        marginPercent: 12.5,
        confirmAboveMicros: 10_000_000,
      },
    });
    expect(built.providers.globex).toEqual({
      id: 'globex',
      keys: [
        // All keys of globex draw on one account, unless one is said to be another's.
        { variable: 'A', account: 'shared' },
        { variable: 'B', account: 'main' },
      ],
      hosts: { base_url: 'http://127.0.0.1:9' },
      auth: 'bearer',
      limits: { creates: 60, perMs: 60_000, concurrent: 7 },
      limitsFrom: { creates: 'tier silver', perMs: 'tier silver', concurrent: 'manifest' },
      poll: { firstMs: 20_000, everyMs: null },
      timeoutMs: 2_700_000,
    });
    expect(built.providers.acme).toMatchObject({
      keys: [{ variable: 'ACME_API_KEY', account: null }],
      auth: 'x-api-key',
      limitsFrom: { creates: 'assumed', perMs: 'assumed', concurrent: 'assumed' },
    });
  });

  it('says nothing of assets that nobody looked at', () => {
    const text = `${head}defaults: { provider: globex }\n${video}`;
    const { plan: built, issues } = buildPlan(expand(text).expanded, { catalogue: testCatalogue, media: new Map() });
    expect(issues).toEqual([]);
    expect(built.jobs[0]).toMatchObject({
      durationMs: null,
      choices: [{ route: 'globex/dub', estimate: { micros: null } }],
    });
  });
});

describe('folders and long lists', () => {
  it('keeps outputs out of the folders of reports and replaced outputs', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:\n  - { id: Report, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n`;
    expect(problems(text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:46: Report/de would be written to Report/Report.de.mp4, and the folder Report is kept for other files (another id or another output.name) [OUTPUT_CLASH]
        5 |   - { id: Report, source: ./a.mp4, tracks: { de: ./de.mp3 } }
          |                                              ^^

      1 mistake"
    `);
  });

  it('counts length differences instead of naming hundreds', () => {
    const items = Array.from(
      { length: 30 },
      (_, index) => `  - { id: v${index}, source: ./a.mp4, duration: 5s, tracks: { de: ./de.mp3 } }`,
    );
    const built = plan(`${head}defaults: { provider: globex }\nvideos:\n${items.join('\n')}\n`);
    expect(built.warnings).toHaveLength(30);
    expect(built.plan.warnings).toHaveLength(11);
    expect(built.plan.warnings.at(-1)).toBe('20 more tracks differ from their videos in length by much');
  });

  it('names a few of the jobs that no route makes for the same reasons, and counts the rest', () => {
    const items = Array.from(
      { length: 30 },
      (_, index) => `  - { id: v${index}, source: ./a.mp4, tracks: { de: ./de.mp3 } }`,
    );
    const { issues } = plan(`${head}defaults: { provider: globex/duet }\nvideos:\n${items.join('\n')}\n`);
    expect(issues.map((issue) => `${issue.line} ${issue.message}`)).toEqual([
      '5 no route can make v0/de: globex/duet takes two voices, not one',
      '6 no route can make v1/de: globex/duet takes two voices, not one',
      '7 no route can make v2/de: globex/duet takes two voices, not one',
      '8 no route can make v3/de and 26 more jobs, for the same reasons',
    ]);
  });
});
