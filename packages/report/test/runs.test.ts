import type { AttemptSnapshot, Snapshot, TakenFrom } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { jobRows } from '../src/view-model/job-rows.js';
import { moneyLines } from '../src/view-model/money-lines.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { runRows } from '../src/view-model/run-rows.js';
import { attemptAt as at, attempt, job, phases, run, snapshot, T0, unfinished } from './fixture.js';

const lastRunOf = (given: Snapshot) => buildReportView(given).lastRun;

test('of a run that was killed its end is told as when it was last seen', () => {
  const killed = run({ endedAtMs: T0 + 65_000, endedWhy: 'killed' });
  const given = snapshot({
    runs: [killed],
    jobs: [unfinished({ state: 'pending', attempts: [at(0, 900, { runId: 'run-1' })] })],
  });
  const ended = 'killed, or the machine went down, last seen at 2026-03-14 09:27:58 UTC';
  expect(runRows(given)).toMatchObject([{ took: 'at least 1 min 05 s', ended }]);
  expect(lastRunOf(given)).toMatchObject({ took: 'took at least 1 min 05 s', left: `${ended}, 1 video left` });
});

describe('two runs, of which the second fetches what the first had bought', () => {
  const runs = [
    run({ id: 'first', startedAtMs: T0, endedAtMs: T0 + 1000, endedWhy: 'interrupted' }),
    run({ id: 'second', startedAtMs: T0 + 5000, endedAtMs: T0 + 9000 }),
  ];
  const bought = (endMs: number | null, over: Partial<AttemptSnapshot> = {}) =>
    at(0, endMs, { runId: 'first', phases: phases({ stagedAtMs: T0 }), ...over });
  const open = { state: 'accepted', billedMicros: null, costSource: 'none' } as const;
  const fetched = { fetchedBy: ['second'] };
  const rows = (...attempts: AttemptSnapshot[]) => runRows(snapshot({ runs, jobs: [job({ attempts })] }));

  test('the first has the money, and the second the video, wherever the provider had ended', () => {
    for (const endMs of [900, 3000, 6000]) {
      expect(rows(bought(endMs, fetched))).toMatchObject([
        { id: 'second', attempts: '0', fetched: '1', billed: '$0.00', didSomething: true },
        { id: 'first', attempts: '1', fetched: '0', billed: '$0.15' },
      ]);
    }
    const jobs = [job({ attempts: [bought(3000, fetched)] })];
    expect(lastRunOf(snapshot({ runs, jobs }))?.text).toContain(
      'The last run (2026-03-14 09:26 UTC) took 4 s: 0 attempts made, 1 video fetched, $0.00 billed; nothing left to do',
    );
    const left = snapshot({
      runs: runs.slice(0, 1),
      jobs: [unfinished({ state: 'processing', attempts: [bought(null, open)] })],
    });
    expect(lastRunOf(left)?.text).toContain(
      '1 attempt made, 0 videos fetched, $0.00 billed, $0.20 in flight; interrupted, 1 video left',
    );
  });

  test('a video that was deleted and fetched again is the work of both, and paid for once', () => {
    expect(rows(bought(900, { fetchedBy: ['first', 'second'] }))).toMatchObject([
      { fetched: '1', billed: '$0.00' },
      { fetched: '1', billed: '$0.15' },
    ]);
  });

  test('what is too short for its track, or only bought, is no video fetched', () => {
    const failure = { kind: 'provider', message: '2 s long where its track has 9 s' } as const;
    for (const attempt of [bought(900, { ...fetched, failure }), bought(900)]) {
      expect(rows(attempt).map((row) => row.fetched)).toEqual(['0', '0']);
    }
  });

  test('a state of an older version, which wrote down neither run nor download, goes by the times that it has', () => {
    const jobs = [job({ attempts: [at(0, 6000)] }), job({ language: 'fr', attempts: [at(5500, 8000)] })];
    expect(runRows(snapshot({ runs, jobs }))).toMatchObject([
      { id: 'second', attempts: '1', fetched: '2', billed: '$0.15' },
      { id: 'first', attempts: '1', fetched: '0', billed: '$0.15' },
    ]);
    const later = phases({ stagedAtMs: T0, downloadedAtMs: T0 + 6100 });
    expect(rows(bought(900, { phases: later })).map((row) => row.fetched)).toEqual(['1', '0']);
  });
});

test('runs within one minute are told apart', () => {
  const ids = ['08f8c628-5aa7-4cbd', '281f7d28-6cb6-4cba'];
  const runs = ids.map((id, index) => run({ id, startedAtMs: T0 + index * 1000 }));
  expect(runRows(snapshot({ runs })).map(({ shortId, startedAt }) => [shortId, startedAt])).toEqual([
    ['281f7d28', '2026-03-14 09:26:54 UTC'],
    ['08f8c628', '2026-03-14 09:26:53 UTC'],
  ]);
});

test('a run that ended in order says that nothing is left only where nothing is', () => {
  const left = snapshot({ jobs: [job(), unfinished({ language: 'fr', state: 'pending' })] });
  expect(lastRunOf(left)?.text).toMatch(/\$0\.15 billed; ended in order, 1 video left$/);
  expect(runRows(left)[0]?.ended).toBe('ended in order');
  expect(lastRunOf(snapshot())?.text).toMatch(/; nothing left to do$/);
});

test('a redo that was asked for after a run had ended is told as such, and not as what it left', () => {
  const redo = { route: null, seed: 7, waits: true };
  const asked = (language: string, atMs: number) =>
    job({ language, redo, marks: [{ reviewer: 'Ana', verdict: 'redo', route: null, note: '', atMs }] });
  const leftBy = (...jobs: Snapshot['jobs']) => lastRunOf(snapshot({ jobs }))?.left;
  const [before, since] = [asked('de', T0), asked('fr', T0 + 900_000)];
  expect(leftBy(before)).toBe('ended in order, 1 video to be made again');
  expect(leftBy(since)).toBe('ended in order, 1 video to be made again, as asked since');
  expect(leftBy(before, since, unfinished({ language: 'ja', state: 'pending' }))).toBe(
    'ended in order, 1 video left, 1 to be made again, 1 to be made again, as asked since',
  );
});

test('what a run left in doubt is no bill of zero', () => {
  const open = { state: 'uncertain', billedMicros: null, costSource: 'none', endedAtMs: null, runId: 'run-1' } as const;
  const said = (estimateMicros: number | null) => {
    const jobs = [unfinished({ state: 'held', attempts: [attempt({ ...open, estimateMicros })] })];
    return lastRunOf(snapshot({ jobs }))?.text;
  };
  expect(said(null)).toContain('1 attempt made, 0 videos fetched, unknown billed; ended');
  expect(said(300_000)).toContain('1 attempt made, 0 videos fetched, $0.00 billed, $0.30 at risk; ended');
});

test('videos that a run took over are counted, and cost nothing a minute', () => {
  const from = { route: 'eachlabs/infinitalk', atMs: T0 + 10, runId: 'run-1' };
  const taken = (language: string, source: TakenFrom['job']) =>
    job({ language, attempts: [], takenFrom: { ...from, job: source } });
  const jobs = [
    job(),
    taken('fr', { batch: 'autumn', key: 'keynote/fr' }),
    taken('ja', null),
    job({ language: 'nl', attempts: [], takenFrom: { ...from, job: null, runId: 'another' } }),
  ];
  const shown = snapshot({ jobs });
  expect(lastRunOf(shown)?.text).toContain(
    '1 video fetched, 2 videos taken from results that were there, $0.15 billed',
  );
  const own = [attempt({ createdAtMs: T0 - 9_000_000, endedAtMs: T0 - 8_000_000, runId: 'earlier' })];
  const back = { ...shown, jobs: [job({ attempts: own, takenBack: { atMs: T0, runId: from.runId } })] };
  expect(lastRunOf(back)?.text).toContain(
    '0 attempts made, 0 videos fetched, 1 video taken from results that were there',
  );
  expect(jobRows(shown, '').map(({ notes }) => notes)).toEqual([
    [],
    ['taken from keynote/fr of the batch autumn, nothing bought'],
    ['taken from a result that was there, nothing bought'],
    ['taken from a result that was there, nothing bought'],
  ]);
  expect(buildReportView(shown).perFinishedMinute?.micros).toBe(300_000);
  expect(moneyLines(buildReportView(shown)).find(({ name }) => name === 'A finished minute')?.note).toBe(
    'all that was billed over what came out, 3 videos left out that came for free',
  );
  expect(buildReportView(shown).groups.route[0]).toMatchObject({
    finishedJobs: 4,
    perFinishedMinute: { micros: 300_000 },
  });
});
