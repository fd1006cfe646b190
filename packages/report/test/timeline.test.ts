import { describe, expect, test } from 'vitest';
import { mostCreates, slotUse } from '../src/view-model/lane-use.js';
import { percentile } from '../src/view-model/latency.js';
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
    expect(only?.spans.filter(({ kind }) => kind === 'process').map(({ track }) => track)).toEqual([0, 1, 0]);
  });

  test('knows nothing of an uncertain attempt after it was sent, and follows an accepted one until the report', () => {
    const attempts = [
      at(0, null, { state: 'uncertain', acceptedAtMs: null }),
      at(0, null, { state: 'accepted', lane: 'OTHER' }),
    ];
    const jobs = attempts.map((each, index) => unfinished({ language: `l${index}`, state: 'held', attempts: [each] }));
    const [doubtful, open] = buildTimeline(snapshot({ jobs }))?.lanes ?? [];
    expect(doubtful?.spans.map(({ kind, from, to }) => [kind, from, to])).toEqual([['trouble', 0, 0]]);
    expect(open?.spans.at(-1)).toMatchObject({ kind: 'process', to: 1 });
  });

  test('of one run shows what overlaps it', () => {
    const jobs = [job({ attempts: [at(0, 100)] }), job({ language: 'fr', attempts: [at(10_000, 10_100)] })];
    const timeline = buildTimeline(snapshot({ jobs }), { fromMs: T0 + 9000, toMs: T0 + 20_000 });
    expect(timeline).toMatchObject({ fromMs: T0 + 10_000, toMs: T0 + 10_100 });
    expect(timeline?.lanes[0]?.attempts).toBe(1);
    expect(buildTimeline(snapshot({ jobs }), { fromMs: T0 + 30_000, toMs: T0 + 40_000 })).toBeNull();
  });
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
