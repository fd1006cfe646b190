import { describe, expect, test } from 'vitest';
import { timeTicks } from '../app/charts/time-axis.js';
import { mostCreates, openSteps, slotUse } from '../src/view-model/lane-use.js';
import { percentile, phaseRows } from '../src/view-model/phase-rows.js';
import { buildReportView } from '../src/view-model/report-view.js';
import { buildTimeline } from '../src/view-model/timeline.js';
import { attemptAt as at, job, lane, phases, run, snapshot, T0, unfinished } from './fixture.js';

const OPEN = { state: 'accepted', billedMicros: null, costSource: 'none' } as const;
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
