import type { Snapshot } from '@localize/core';
import { expect, test } from 'vitest';
import { type LaterFacts, laterJson, laterPage, readPageSnapshot, renderHtml, renderJson } from '../src/index.js';
import { job, run, snapshot, T0 } from './fixture.js';
import { HOSTILE, hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

const runs = [run(), run({ id: 'run-2', startedAtMs: T0 + 900_000, endedAtMs: T0 + 901_000 })];
const ownRun = { id: 'run-2', latestPage: '../index.html' };
const later: LaterFacts = { takenAtMs: T0 + 901_000, runs, runPages: { 'run-2': 'run-2.html' }, ownRun };

const NAMES_LIKE_THE_DATA = '"jobs":[{}]}},"snapshot":{"jobs":[';

const FIELDS_LIKE_ITS_OWN = '\n  "taken_at": "",\n  "totals": {}';

const BATCHES: readonly (readonly [string, Snapshot])[] = [
  ['a whole batch', troubledSnapshot()],
  ['no jobs', snapshot({ jobs: [] })],
  ['hostile texts', hostileSnapshot()],
  ['texts that look like its data', snapshot({ batch: NAMES_LIKE_THE_DATA, warnings: [NAMES_LIKE_THE_DATA] })],
  ['texts that look like fields', snapshot({ batch: FIELDS_LIKE_ITS_OWN, manifest: FIELDS_LIKE_ITS_OWN })],
];

test.each(BATCHES)('a page of %s is as it would be written anew after a run that changed no job', (_, given) => {
  const page = renderHtml(given, { mediaBase: '..' });
  const anew = renderHtml(
    { ...given, takenAtMs: later.takenAtMs, runs },
    { mediaBase: '..', runPages: later.runPages, ownRun },
  );
  expect(laterPage(page, later)).toBe(anew);
  expect(readPageSnapshot(anew)?.runs).toEqual(runs);
});

test.each(BATCHES)('so is a JSON report of %s', (_, given) => {
  const anew = renderJson({ ...given, takenAtMs: later.takenAtMs, runs });
  expect(laterJson(renderJson(given), later)).toBe(anew);
  expect(JSON.parse(anew).runs).toHaveLength(2);
});

test('the first part of a page will do, from its first job on', () => {
  const page = renderHtml(snapshot({ jobs: [job({ videoId: HOSTILE.closing })] }));
  const firstJob = page.indexOf('"jobs":[') + '"jobs":['.length;
  expect(laterPage(page.slice(0, firstJob - 1), later)).toBeNull();
  const beginning = laterPage(page.slice(0, firstJob), later);
  expect(`${beginning}${page.slice(firstJob)}`).toBe(laterPage(page, later));
});

test('what is no page of ours is not touched', () => {
  expect(laterPage('<!doctype html><title>My page</title>', later)).toBeNull();
  expect(laterJson('{"taken_at": "today", "totals": {}}', later)).toBeNull();
});
