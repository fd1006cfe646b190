import type { StreamedSnapshot } from '@localize/core';
import { describe, expect, test } from 'vitest';
import {
  renderCsvAttempts,
  renderCsvJobs,
  renderHtml,
  renderJson,
  renderMarkdown,
  renderSummary,
} from '../src/index.js';
import { job, snapshot } from './fixture.js';
import { hostileSnapshot } from './hostile.js';
import { manyJobs } from './many-jobs.js';
import { troubledSnapshot } from './troubled.js';

const DOCUMENTS: readonly [string, (given: StreamedSnapshot) => string][] = [
  ['the CSV of jobs', renderCsvJobs],
  ['the CSV of attempts', renderCsvAttempts],
  ['the JSON', renderJson],
  ['the page', renderHtml],
  ['the Markdown', renderMarkdown],
  ['the summary', (given) => renderSummary(given, { color: false, width: 80 })],
];

describe.each(DOCUMENTS)('%s', (_name, render) => {
  test.each([snapshot(), snapshot({ jobs: [] }), troubledSnapshot(), hostileSnapshot(), manyJobs(500)])(
    'is the same of jobs that are read one at a time, and goes through them twice at most',
    (given) => {
      let times = 0;
      const jobs = {
        *[Symbol.iterator]() {
          times += 1;
          for (const each of given.jobs) yield structuredClone(each);
        },
      };
      expect(render({ ...given, jobs })).toBe(render(given));
      expect(times).toBeLessThanOrEqual(2);
    },
  );
});

test('the JSON is laid out in lines whose ends are those of its parts, piece by piece', () => {
  for (const given of [snapshot({ jobs: [], runs: [], lanes: [] }), hostileSnapshot(), troubledSnapshot()]) {
    const text = renderJson(given);
    const lines = text.split('\n').map((line) => line.trim());
    expect(lines.join('').replaceAll('": ', '":')).toBe(JSON.stringify(JSON.parse(text)).replaceAll('": ', '":'));
  }
});

test('a label that a later job brings up counts the jobs before it as without it', () => {
  const jobs = [
    job({ language: 'de' }),
    job({ language: 'fr' }),
    job({ language: 'ja', labels: { course: 'safety' } }),
  ];
  const { cost_by } = JSON.parse(renderJson(snapshot({ jobs }))) as {
    cost_by: { labels: { course: { name: string; jobs: number; billed_usd: string }[] } };
  };
  expect(cost_by.labels.course.map(({ name, jobs: count, billed_usd }) => [name, count, billed_usd])).toEqual([
    ['(none)', 2, '0.30'],
    ['safety', 1, '0.15'],
  ]);
});
