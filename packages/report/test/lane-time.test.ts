import type { AttemptSnapshot, LaneSnapshot, LaneStopCause, Snapshot } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { laneTime } from '../src/view-model/lane-time.js';
import { buildTimeline } from '../src/view-model/timeline.js';
import { attemptAt as at, job, lane, phases, run, snapshot, T0, unfinished } from './fixture.js';

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
    const runs = [run({ id: 'one', endedAtMs: T0 + 3000, endedWhy: 'budget' })];
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

describe('the time of a lane in a run that left something behind', () => {
  const doubtful = { state: 'uncertain', acceptedAtMs: null, slotUntilMs: T0 + 2_700_000 } as const;
  const lost = ['de', 'fr'].map((language, index) =>
    unfinished({ language, state: 'held', attempts: [at(index * 1000, null, { ...doubtful, runId: 'one' })] }),
  );
  const waiting = unfinished({ language: 'ja', state: 'pending' });
  const stop = { cause: 'uncertain', atMs: T0, untilMs: T0 + 602_000 } as const;
  const one = run({ id: 'one', startedAtMs: T0 - 500, endedAtMs: T0 + 301_000, endedWhy: 'interrupted' });
  const told = (over: Partial<Snapshot>) =>
    buildTimeline(
      snapshot({ runs: [one], lanes: [lane({ stops: [stop] })], takenAtMs: T0 + 3_600_000, ...over }),
    )?.lanes[0]?.time.map(({ kind, text }) => [kind, /\((.+)\)/.exec(text)?.[1]]);

  test('is lost to the creates in doubt that jobs waited behind, to the end of the run and no longer', () => {
    const lostToDoubt = [['doubt', '5 min 01 s']];
    for (const endedWhy of ['interrupted', 'killed', 'machine']) {
      expect(told({ jobs: [...lost, waiting], runs: [{ ...one, endedWhy }] })).toEqual(lostToDoubt);
    }
    // A later run has sent it since, or waited behind them too.
    const sent = job({ language: 'ja', attempts: [at(3_000_000, 3_001_000, { runId: 'three' })] });
    const three = run({ id: 'three', startedAtMs: T0 + 3_000_000, endedAtMs: T0 + 3_001_000 });
    const two = run({ id: 'two', startedAtMs: T0 + 400_000, endedAtMs: T0 + 500_000, endedWhy: 'interrupted' });
    expect(told({ jobs: [...lost, sent], runs: [one, two, three] })).toEqual([['doubt', '6 min 41 s']]);
  });

  test('is not lost to them where nothing waited for the lane', () => {
    const others = { ...waiting, route: 'fal/infinitalk' };
    expect(told({ jobs: [...lost, others] })).toEqual([['finishing', '5 min 00 s']]);
  });

  test('is lost to what stands in the way while the run goes on', () => {
    const runs = [run({ id: 'one', startedAtMs: T0, endedAtMs: null, endedWhy: null })];
    const now = { runs, takenAtMs: T0 + 60_000 };
    const open = { state: 'accepted', billedMicros: null, costSource: 'none', runId: 'one' } as const;
    const made = unfinished({ language: 'de', state: 'processing', attempts: [at(0, null, open)] });
    const lanes = [lane({ concurrent: 1 })];
    expect(told({ ...now, lanes, jobs: [made, waiting] })).toEqual([['full', '1 min 00 s']]);
    const uploads = { ...waiting, state: 'staging' } as const;
    expect(told({ ...now, lanes: [lane()], jobs: [made, uploads] })).toEqual([['upload', '1 min 00 s']]);
    expect(told({ ...now, lanes: [lane()], jobs: [made] })).toEqual([['finishing', '1 min 00 s']]);
  });

  test('is nobody’s loss where the run was told to buy no more, nor once all of the lane was done', () => {
    const done = job({ attempts: [at(0, 60_000, { runId: 'one' })] });
    const stopped = { ...one, endedWhy: 'stop-after' };
    expect(told({ jobs: [done, waiting], runs: [stopped], lanes: [lane()] })).toEqual([['told', '5 min 01 s']]);
    expect(told({ jobs: [done], runs: [{ ...one, endedWhy: 'finished' }], lanes: [lane()] })).toEqual([
      ['finishing', '1 min 00 s'],
      ['idle', '4 min 01 s'],
    ]);
  });
});
