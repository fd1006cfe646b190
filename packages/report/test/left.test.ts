import type { JobSnapshot, RunSnapshot } from '@localize/core';
import { expect, test } from 'vitest';
import { buildReportView, renderJson, renderMarkdown, renderSummary } from '../src/index.js';
import { buildPageView, toDoGlance } from '../src/view-model/index.js';
import { describeInBrowser, textOf } from './browser.js';
import { job, snapshot, T0 } from './fixture.js';

const run = (endedWhy: string | null): RunSnapshot => ({
  id: 'run-1',
  startedAtMs: T0,
  endedAtMs: endedWhy === null ? null : T0 + 60_000,
  endedWhy,
  host: 'test',
  version: '0.0.0',
});

const left = (language: string, state: JobSnapshot['state']): JobSnapshot =>
  job({ language, state, output: null, outputSha256: null, attempts: [] });

const jobs = [
  job({ language: 'de' }),
  left('fr', 'pending'),
  left('ja', 'processing'),
  left('nl', 'downloading'),
  left('it', 'failed'),
  left('es', 'canceled'),
];
const killed = snapshot({ runs: [run('killed')], jobs });

const TOLD = '3 videos are left, 2 of them bought and not fetched, and no run is at work';

test('what a run has left that was ended early stands in every document, with the command that goes on', () => {
  expect(renderSummary(killed, { color: false, width: 200 })).toContain(
    `${TOLD}. To go on:\n    localize manifest.yaml\n`,
  );
  expect(renderMarkdown(killed)).toContain(`${TOLD}. To go on: \`localize manifest.yaml\``);
  expect(JSON.parse(renderJson(killed)).left_to_do).toEqual({
    videos: 3,
    bought: 2,
    command: 'localize manifest.yaml',
  });
  const alone = snapshot({ runs: [run('killed')], jobs: jobs.slice(0, 3) });
  expect(toDoGlance(buildPageView(alone))).toMatchObject({
    figure: '2 videos left',
    notes: [
      '2 videos are left, 1 of them bought and not fetched, and no run is at work; to go on: localize manifest.yaml',
    ],
  });
});

test('nothing is left where a run is at work, where none was yet, and where all that stopped has its own command', () => {
  const leftOf = (runs: RunSnapshot[], all = jobs) => buildReportView(snapshot({ runs, jobs: all })).left;
  expect(leftOf([run('killed'), run(null)])).toBeNull();
  expect(leftOf([])).toBeNull();
  expect(leftOf([run('finished')], [job(), left('it', 'failed'), left('es', 'canceled')])).toBeNull();
  expect(leftOf([run('finished')], [left('ja', 'processing')])?.text).toBe(
    '1 video is left, bought and not fetched, and no run is at work',
  );
});

test('what is to be made again once another file is moved away is left, and told with that file alone', () => {
  const replaced = { replaced: true, mend: 'move the file away, then: localize manifest.yaml' } as const;
  const remaking = { state: 'held', holdReason: 'place-taken' } as const;
  const view = buildReportView(snapshot({ runs: [run('finished')], jobs: [job({ ...replaced, remaking })] }));
  expect(view.lastRun?.left).toBe('ended in order, 1 video left');
  expect(view.attention).toMatchObject({ groups: [], forNextRun: [], remaking: 1 });
  expect(view.attention.reviews[0]?.items[0]?.detail).toBe('it is to be made again once that file is moved away');
  const alone = buildReportView(snapshot({ runs: [run('finished')], jobs: [job(replaced)] }));
  expect(alone.lastRun?.left).toBe('1 video to look after');
});

test('what was only staged when a run was killed waits, since nothing is bought for it', () => {
  const { totals, left: told } = buildReportView({
    ...killed,
    jobs: [left('fr', 'staging'), left('ja', 'submitting')],
  });
  expect(totals).toMatchObject({ pending: 1, running: 1 });
  expect(told).toMatchObject({ count: 2, bought: 0 });
});

describeInBrowser('the page of a batch whose run was ended early', (browser) => {
  test('names the command that goes on, on the first screen', async () => {
    const { page } = await browser.open(killed);
    expect(await textOf(page, '#attention')).toContain('localize manifest.yaml');
    expect(await textOf(page, '#attention')).toContain(TOLD);
  });
});
