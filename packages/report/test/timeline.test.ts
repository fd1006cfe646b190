import type { AttemptPhases, AttemptSnapshot, LaneSnapshot, LaneStopCause, Snapshot, TakenFrom } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { timeTicks } from '../app/charts/time-axis.js';
import { jobRows } from '../src/view-model/job-rows.js';
import { laneTime } from '../src/view-model/lane-time.js';
import { mostCreates, openSteps, slotUse } from '../src/view-model/lane-use.js';
import { moneyLines } from '../src/view-model/money-lines.js';
import { percentile, phaseRows } from '../src/view-model/phase-rows.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { runRows } from '../src/view-model/run-rows.js';
import { buildTimeline } from '../src/view-model/timeline.js';
import { attempt, job, lane, run, snapshot, T0, unfinished } from './fixture.js';

const at = (startMs: number, endMs: number | null, over = {}) =>
  attempt({
    createdAtMs: T0 + startMs,
    sentAtMs: T0 + startMs,
    acceptedAtMs: T0 + startMs + 10,
    endedAtMs: endMs === null ? null : T0 + endMs,
    ...over,
  });

const OPEN = { state: 'accepted', billedMicros: null, costSource: 'none' } as const;
const lastRunOf = (given: Snapshot) => buildReportView(given).lastRun;

describe('the timeline', () => {
  test('packs attempts on as few tracks as never overlap', () => {
    const attempts = [at(0, 100), at(50, 150), at(100, 200)];
    const jobs = attempts.map((each, index) => job({ language: `l${index}`, attempts: [each] }));
    const timeline = buildTimeline(snapshot({ jobs, lanes: [lane({ concurrent: 4, creates: 5, perMs: 100 })] }));
    const [only] = timeline?.lanes ?? [];
    expect(only).toMatchObject({
      tracks: 2,
      attempts: 3,
      peakOpen: '2 of 4',
      used: '38%',
      peakCreates: '2 of 5 in 0.1 s',
    });
    expect(only?.spans.filter(({ kind }) => kind === 'work').map(({ track }) => track)).toEqual([0, 1, 0]);
  });

  test('follows an attempt in doubt to its timeout, and an accepted one until the report', () => {
    const lost = { state: 'uncertain', acceptedAtMs: null, slotUntilMs: T0 + 300_000 } as const;
    const attempts = [
      at(0, null, lost),
      at(100_000, null, { ...lost, slotUntilMs: T0 + 9_000_000 }),
      at(0, 200_000, { ...lost, state: 'abandoned', lane: 'GIVEN UP' }),
      at(0, null, { state: 'accepted', lane: 'OTHER', slotUntilMs: T0 + 9_000_000 }),
      at(0, 500_000, { lane: 'LATE', slotUntilMs: T0 + 300_000 }),
    ];
    const jobs = attempts.map((each, index) => unfinished({ language: `l${index}`, state: 'held', attempts: [each] }));
    const [doubtful, givenUp, open, late] = buildTimeline(snapshot({ jobs }))?.lanes ?? [];
    expect(doubtful?.spans.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['trouble', 0, 0.5],
      ['trouble', 1 / 6, 1],
    ]);
    expect(doubtful?.open.map(({ atMs, open }) => [atMs - T0, open])).toEqual([
      [0, 1],
      [100_000, 2],
      [300_000, 1],
      [600_000, 0],
    ]);
    expect(givenUp?.open.at(-1)).toEqual({ atMs: T0 + 300_000, open: 0 });
    expect(open?.spans.at(-1)).toMatchObject({ kind: 'work', to: 1 });
    expect(late?.open.at(-1)).toEqual({ atMs: T0 + 300_000, open: 0 });
  });

  test('goes on as long as its run did, and not to a run that only looked later', () => {
    const runs = [run({ endedAtMs: T0 + 50_000 }), run({ startedAtMs: T0 + 9_000_000, endedAtMs: T0 + 9_001_000 })];
    const shown = snapshot({ runs, jobs: [job({ attempts: [at(0, 10_000)] })], takenAtMs: T0 + 9_001_000 });
    expect(buildTimeline(shown)).toMatchObject({ fromMs: T0, toMs: T0 + 50_000 });
    expect(buildTimeline(shown, { fromMs: T0 - 10, toMs: T0 + 50_000 })).toMatchObject({ toMs: T0 + 50_000 });
  });

  test('of one run shows what overlaps it', () => {
    const jobs = [job({ attempts: [at(0, 100)] }), job({ language: 'fr', attempts: [at(10_000, 10_100)] })];
    const timeline = buildTimeline(snapshot({ jobs }), { fromMs: T0 + 9000, toMs: T0 + 20_000 });
    expect(timeline).toMatchObject({ fromMs: T0 + 10_000, toMs: T0 + 20_000 });
    expect(timeline?.lanes[0]?.attempts).toBe(1);
    expect(buildTimeline(snapshot({ jobs }), { fromMs: T0 + 30_000, toMs: T0 + 40_000 })).toBeNull();
  });
});

const phases = (over: Partial<AttemptPhases>): AttemptPhases => ({
  stagingAtMs: null,
  stagedAtMs: null,
  runningAtMs: null,
  downloadAtMs: null,
  downloadedAtMs: null,
  ...over,
});

describe('the phases of an attempt', () => {
  const whole = at(100, 400, {
    acceptedAtMs: T0 + 150,
    phases: phases({
      stagingAtMs: T0,
      stagedAtMs: T0 + 60,
      runningAtMs: T0 + 200,
      downloadAtMs: T0 + 420,
      downloadedAtMs: T0 + 500,
    }),
  });

  test('are drawn from its create to its download', () => {
    const [only] = buildTimeline(snapshot({ jobs: [job({ attempts: [whole] })] }))?.lanes ?? [];
    expect(only?.spans.map(({ kind, fromMs, toMs }) => [kind, fromMs - T0, toMs - T0])).toEqual([
      ['send', 100, 150],
      ['queue', 150, 200],
      ['work', 200, 400],
      ['download', 420, 500],
    ]);
  });

  test('are told apart in percentiles', () => {
    const rows = phaseRows([job({ attempts: [whole] }), job({ language: 'fr', attempts: [at(0, 1000)] })]);
    expect(rows.map(({ name, count, slowest }) => [name, count, slowest])).toEqual([
      ['Hashing and upload of its media', 1, '60 ms'],
      ['Waiting for a place in the lane', 1, '40 ms'],
      ['Waiting for the reply to the create', 2, '50 ms'],
      ['In the provider’s queue', 1, '50 ms'],
      ['At work at the provider', 2, '1.0 s'],
      ['Download and verification', 1, '80 ms'],
    ]);
  });
});

describe('the time of a lane', () => {
  const spent = (attempts: AttemptSnapshot[], over: Partial<LaneSnapshot> = {}) =>
    laneTime(attempts, lane({ concurrent: 1, creates: 100, perMs: 1, ...over }), { takenAtMs: T0 + 20_000 }).map(
      ({ kind, text }) => [kind, /\((.+)\)/.exec(text)?.[1]],
    );
  const staged = (fromMs: number, toMs: number) => phases({ stagingAtMs: T0 + fromMs, stagedAtMs: T0 + toMs });

  test('is full while all slots are taken and something waits, then finishing', () => {
    const attempts = [at(0, 1000), at(1000, 3000)];
    expect(spent(attempts)).toEqual([
      ['full', '1 s'],
      ['finishing', '2 s'],
    ]);
  });

  test('is lost to uploads, to the window and to pauses', () => {
    const uploads = [at(2000, 3000, { phases: staged(0, 2000) })];
    expect(spent(uploads)).toEqual([
      ['upload', '2 s'],
      ['finishing', '1 s'],
    ]);
    const window = [at(0, 500), at(4000, 5000)];
    expect(spent(window, { concurrent: 5, creates: 1, perMs: 3990 })).toEqual([
      ['window', '4 s'],
      ['finishing', '1 s'],
    ]);
    const failure = { kind: 'rate-limit', message: 'slow down' } as const;
    const paused = [at(0, 100, { state: 'refused', failure, acceptedAtMs: null }), at(2100, 3100)];
    expect(spent(paused, { concurrent: 5 })).toEqual([
      ['paused', '2 s'],
      ['unused', '0.1 s'],
      ['finishing', '1 s'],
    ]);
  });

  test('is lost to other batches on the lane, in slots and in the window, and not for being unused', () => {
    const attempts = [at(0, 5000), at(4000, 5000)];
    expect(spent(attempts, { concurrent: 2, elsewhere: [[T0 + 1000, T0 + 4000, T0 + 1010]] })).toEqual([
      ['others', '3 s'],
      ['unused', '1 s'],
      ['finishing', '1 s'],
    ]);
    expect(spent(attempts, { concurrent: 9, creates: 1, elsewhere: [[T0 + 2000, T0 + 2000, T0 + 4000]] })).toEqual([
      ['others', '2 s'],
      ['unused', '2 s'],
      ['finishing', '1 s'],
    ]);
  });

  test('is full while an attempt in doubt holds the slot, which is no time that was not used', () => {
    const lost = at(0, null, { state: 'uncertain', acceptedAtMs: null, slotUntilMs: T0 + 5000 });
    expect(spent([lost, at(5000, 6000)])).toEqual([
      ['full', '5 s'],
      ['finishing', '1 s'],
    ]);
  });

  test('is lost to jobs that wait for the result of others made of the same', () => {
    const stops = [{ cause: 'twin', atMs: T0 + 500, untilMs: T0 + 2500 } as const];
    expect(spent([at(0, 1000), at(3000, 4000)], { concurrent: 2, stops })).toEqual([
      ['twin', '2 s'],
      ['unused', '1 s'],
      ['finishing', '1 s'],
    ]);
    expect(spent([at(0, 4000)], { concurrent: 2, stops })).toEqual([
      ['twin', '2 s'],
      ['finishing', '2 s'],
    ]);
  });

  test('is lost under a ceiling that refusals taught, until it is lifted', () => {
    const ceilings = [
      { atMs: T0 + 500, concurrent: 1 },
      { atMs: T0 + 2500, concurrent: 2 },
      { atMs: T0 + 3000, concurrent: null },
    ];
    const attempts = [at(0, 5000), at(4000, 5000)];
    expect(spent(attempts, { concurrent: 4, ceilings })).toEqual([
      ['ceiling', '2 s'],
      ['unused', '2 s'],
      ['finishing', '1 s'],
    ]);
  });

  test('is lost to what stopped it: a closed lane, rests of each kind, and the budget on the way', () => {
    const stop = (cause: LaneStopCause, fromMs: number, toMs: number | null) => ({
      cause,
      atMs: T0 + fromMs,
      untilMs: toMs === null ? null : T0 + toMs,
    });
    const stops = [
      stop('rate-limit', 100, 1100),
      stop('uncertain', 1100, 3100),
      stop('unreachable', 3100, 6100),
      stop('budget', 6100, 10_100),
      stop('closed', 15_000, null),
    ];
    const attempts = [at(0, 100), at(14_000, 20_000)];
    expect(spent(attempts, { concurrent: 5, stops })).toEqual([
      ['closed', '5 s'],
      ['paused', '1 s'],
      ['doubt', '2 s'],
      ['unreachable', '3 s'],
      ['unused', '4 s'],
      ['budget', '4 s'],
      ['finishing', '1 s'],
    ]);
  });

  test('is lost to the budget where its run ended for want of money and jobs were left for the lane', () => {
    const one = job({ attempts: [at(0, 3000, { runId: 'one' })] });
    const money = { neededMicros: 200_000, caps: ['budget.max_usd'] };
    const waiting = unfinished({ language: 'fr', state: 'pending', waitsForMoney: money });
    const runs = [run({ id: 'one', endedWhy: 'budget' })];
    const kinds = (over: Partial<Snapshot>) =>
      buildTimeline(snapshot({ runs, lanes: [lane()], ...over }))?.lanes[0]?.time.map(({ kind }) => kind);
    expect(kinds({ jobs: [one, waiting] })).toEqual(['budget']);
    expect(kinds({ jobs: [one, { ...waiting, route: 'fal/infinitalk' }] })).toEqual(['finishing']);
    const later = job({ language: 'fr', attempts: [at(9000, 9500, { runId: 'two' })] });
    expect(kinds({ jobs: [one, later] })).toEqual(['budget', 'finishing']);
  });

  test('is not charged with the night between two runs', () => {
    const attempts = [at(0, 1000, { runId: 'one' }), at(9_000_000, 9_001_000, { runId: 'two' })];
    expect(spent(attempts)).toEqual([['finishing', '2 s']]);
  });
});

test('a video that came through and is made again for a reviewer is no retry', () => {
  const attempts = [at(0, 10, { state: 'failed' }), at(20, 30), at(40, 50), at(60, 70, { route: 'fal/infinitalk' })];
  expect(buildTimeline(snapshot({ jobs: [job({ attempts })] }))).toMatchObject({ retries: 1, failovers: 0 });
});

test('of one run shows no figure from outside it', () => {
  const failure = { kind: 'rate-limit', message: 'slow down' } as const;
  const before = [at(0, 10, { state: 'refused', failure }), at(20, 30, { state: 'failed' }), at(40, null, OPEN)];
  const shown = snapshot({
    jobs: [unfinished({ state: 'processing', attempts: before })],
    lanes: [lane({ rateLimited: 7, creates: 5, perMs: 1000 })],
    takenAtMs: T0 + 90_000,
  });
  expect(buildTimeline(shown)).toMatchObject({ retries: 1, lanes: [{ attempts: 3, earlier: 0, rateLimited: 1 }] });
  // Seven came to this lane, and six of them to other batches.
  expect(buildReportView(shown).rateLimited).toBe(1);
  const window = { fromMs: T0 + 80_000, toMs: T0 + 80_100 };
  const timeline = buildTimeline(shown, window);
  expect(timeline).toMatchObject({ ...window, retries: 0, failovers: 0, latency: [], phases: [] });
  expect(timeline?.lanes).toMatchObject([
    { attempts: 0, earlier: 1, rateLimited: 0, peakOpen: '1 of 10', peakCreates: '0 of 5 in 1 s' },
  ]);
  expect(timeline?.lanes[0]?.time.map(({ text }) => text)).toEqual(['100% nothing left to send (0.1 s)']);
});

test('ticks of a tenth of a second and less are told apart', () => {
  const labels = timeTicks({ fromMs: T0, toMs: T0 + 100 }, 'UTC', 6).map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
});

test('a refusal for the rate is no retry', () => {
  const failure = { kind: 'rate-limit', message: 'slow down' } as const;
  const attempts = [at(0, 10, { state: 'refused', failure }), at(20, 30, { state: 'failed' }), at(40, 50)];
  expect(buildTimeline(snapshot({ jobs: [job({ attempts })] }))).toMatchObject({ retries: 1, failovers: 0 });
});

test('slots are taken from each start to its end', () => {
  const taken = [
    { startMs: 0, endMs: 10 },
    { startMs: 10, endMs: 20 },
    { startMs: 15, endMs: 30 },
  ];
  expect(openSteps(taken).map(({ atMs, open }) => [atMs, open])).toEqual([
    [0, 1],
    [10, 1],
    [15, 2],
    [20, 1],
    [30, 0],
  ]);
});

test('the use of slots is their time over the time that there was work', () => {
  expect(slotUse([{ startMs: 0, endMs: 100 }], 2)).toBe(0.5);
  expect(
    slotUse(
      [
        { startMs: 0, endMs: 100 },
        { startMs: 900, endMs: 1000 },
      ],
      1,
    ),
  ).toBe(1);
  expect(slotUse([], 3)).toBe(0);
});

test('the most creates are counted in a sliding window', () => {
  expect(mostCreates([0, 10, 99, 100, 101], 100)).toBe(4);
  expect(mostCreates([], 100)).toBe(0);
});

test('a percentile is the value below or at which the share lies', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.9, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 90, 99, 100]);
  expect(percentile([], 0.5)).toBeNull();
});

test('a run is charged with what ended while it ran', () => {
  const runs = [
    run({ id: 'first', startedAtMs: T0, endedAtMs: T0 + 1000 }),
    run({ id: 'second', startedAtMs: T0 + 5000, endedAtMs: T0 + 9000 }),
  ];
  const jobs = [job({ attempts: [at(0, 6000)] }), job({ language: 'fr', attempts: [at(5500, 8000)] })];
  expect(runRows(snapshot({ runs, jobs }))).toMatchObject([
    { id: 'second', attempts: '1', completed: '2', billed: '$0.30' },
    { id: 'first', attempts: '1', completed: '0', billed: '$0.00' },
  ]);
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

test('what a run left in doubt is no bill of zero', () => {
  const open = { state: 'uncertain', billedMicros: null, costSource: 'none', endedAtMs: null, runId: 'run-1' } as const;
  const said = (estimateMicros: number | null) => {
    const jobs = [unfinished({ state: 'held', attempts: [attempt({ ...open, estimateMicros })] })];
    return lastRunOf(snapshot({ jobs }))?.text;
  };
  expect(said(null)).toContain('1 attempt made, 0 came through, unknown billed; ended');
  expect(said(300_000)).toContain('1 attempt made, 0 came through, $0.00 billed, $0.30 at risk; ended');
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
  expect(lastRunOf(shown)?.text).toContain('1 came through, 2 videos taken from results that were there, $0.15 billed');
  const own = [attempt({ createdAtMs: T0 - 9_000_000, endedAtMs: T0 - 8_000_000, runId: 'earlier' })];
  const back = { ...shown, jobs: [job({ attempts: own, takenBack: { atMs: T0, runId: from.runId } })] };
  expect(lastRunOf(back)?.text).toContain(
    '0 attempts made, 0 came through, 1 video taken from results that were there',
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
