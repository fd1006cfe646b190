import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../src/index.js';
import { markdownCode, markdownText } from '../src/markdown/markdown.js';
import { attempt, job, snapshot, unfinished } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

describe('the Markdown summary', () => {
  test('says whether it worked and what it cost', () => {
    const text = renderMarkdown(snapshot());
    expect(text).toMatch(/^## spring: The video is done\./);
    expect(text).toContain('| Billed | $0.15 |');
    expect(text).toContain('| `eachlabs/infinitalk` | 1 of 1 | $0.15 | $0.20 | $0.30 |');
    expect(text).not.toContain('Needs a person');
  });

  test('gives what needs a person with the command that mends it', () => {
    const text = renderMarkdown(troubledSnapshot());
    expect(text).toContain('- `failures/auth`: the provider said auth');
    expect(text).toContain('`localize retry manifest.yaml --only failures/auth`');
    expect(text).toMatch(/### The next run looks at these again by itself\n[^#]*\(\$0\.20 at risk\)/);
    expect(text).toContain('**fal takes no new work** on `FAL_KEY`');
    const settle = 'localize settle manifest.yaml holds/uncertain';
    expect(text).toContain(
      `- \`${settle} --not-bought\`\n- \`${settle} --charged <what it cost in USD>\`\n- \`${settle} --abandon\`\n`,
    );
    expect(text).not.toContain('| --not-bought');
  });

  test('tells what a person does first apart from the command that is run then', () => {
    const mend = 'mend the key or top up, then: localize manifest.yaml';
    const text = renderMarkdown(snapshot({ jobs: [unfinished({ state: 'held', holdReason: 'twin', mend })] }));
    expect(text).toContain('\nMend the key or top up, then: `localize manifest.yaml`\n');
  });

  test('stays short when a hundred jobs stop for one reason, and gives a shared command once', () => {
    const jobs = Array.from({ length: 100 }, (_, index) =>
      unfinished({ videoId: `v${index}`, state: 'held', holdReason: 'upload-failed', mend: 'localize manifest.yaml' }),
    );
    const text = renderMarkdown(snapshot({ jobs }));
    expect(text).toContain('**100 jobs held');
    expect(text).toContain('- and 90 more jobs');
    expect(text.match(/`localize manifest\.yaml`/g)).toHaveLength(1);
  });

  test('gives each of several jobs the amount that hangs on it, and their sum', () => {
    const held = (language: string, estimateMicros: number | null) =>
      unfinished({
        language,
        state: 'held',
        holdReason: 'uncertain',
        mend: `localize settle m.yaml keynote/${language} --not-bought`,
        attempts: [attempt({ state: 'uncertain', billedMicros: null, estimateMicros })],
      });
    const text = renderMarkdown(snapshot({ jobs: [held('de', 970_000), held('fr', 200_000)] }));
    expect(text).toContain('- `keynote/de` ($0.97 at risk)');
    expect(text).toMatch(/\*\* \(\$1\.17 at risk\)\n/);
    const unknown = renderMarkdown(snapshot({ jobs: [held('de', 970_000), held('fr', null)] }));
    expect(unknown).toContain('- `keynote/fr` (an unknown amount at risk)');
  });

  test('sums the money of each label, the most expensive values first', () => {
    const labelled = (value: string, billedMicros: number) =>
      job({ videoId: value, labels: { course: value }, attempts: [attempt({ billedMicros })] });
    const few = renderMarkdown(snapshot({ jobs: [labelled('sales', 150_000), labelled('safety', 450_000)] }));
    expect(few).toMatch(
      /\| Label `course` \|.*\n.*\n\| `safety` \| 1 of 1 \| \$0\.45 .*\n\| `sales` \| 1 of 1 \| \$0\.15 /,
    );
    const many = Array.from({ length: 25 }, (_, index) => labelled(`course-${index}`, 150_000 + index));
    const text = renderMarkdown(snapshot({ jobs: many }));
    expect(text).toContain('`course-24`');
    expect(text).not.toContain('`course-4`');
    expect(text).toContain('and 5 more values, all in the report');
  });

  test('says that prices are simulated', () => {
    expect(renderMarkdown(snapshot({ emulated: true }))).toContain('**Simulated prices.**');
  });

  test('never turns a hostile text into markup', () => {
    const outsideCode = renderMarkdown(hostileSnapshot()).replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, 'CODE');
    expect(outsideCode).not.toMatch(/<(?!\/?sub>)/);
    expect(outsideCode).not.toMatch(/\]\(|@everyone|\u202e/);
  });

  test('keeps plain words readable', () => {
    const run = 'The last run (2026-11-21 02:00 UTC) took 6 h 12 min: 40 attempts made, $12.20 billed; interrupted';
    for (const plain of ['worker crashed, again (twice)', 'keynote de', run]) expect(markdownText(plain)).toBe(plain);
    expect(renderMarkdown(troubledSnapshot())).not.toContain('&#');
    expect(markdownCode('a `b` c')).toBe('``a `b` c``');
  });

  test.each([
    '[a](b)',
    ':x:',
    '$x$',
    '@everyone',
    'https://evil.example',
    'www.evil.example',
    '- item',
    '1. item',
    'spring_launch',
  ])('shows %j as code, since that means something in some dialect', (text) => {
    expect(markdownText(text)).toBe(`\`${text}\``);
  });

  test('does not break a table with a bar in a route', () => {
    const text = renderMarkdown(snapshot({ jobs: [job({ route: 'a|b/c' })] }));
    expect(text).toContain('| `a\\|b/c` | 1 of 1 |');
  });
});
