import {
  type AttemptSnapshot,
  type JobState,
  plainText,
  type RunSnapshot,
  type Snapshot,
  type TakenFrom,
} from '@localize/core';
import { formatCount, formatDuration, formatMoney, formatNumber, formatTime } from './format.js';
import { MoneySum } from './money-figures.js';
import { billedText } from './money-lines.js';
import type { TimeWindow } from './timeline.js';

/** What one run did, as the page shows it. */
export interface RunRow {
  readonly id: string;
  readonly window: TimeWindow;
  readonly started: string;
  readonly took: string;
  readonly ended: string;
  /** It made attempts, or some came through while it ran, or it took videos over. */
  readonly didSomething: boolean;
  /** Attempts that this run made. */
  readonly attempts: string;
  /** Attempts that completed while it ran, whoever made them. */
  readonly completed: string;
  /** Videos that it took from results that were there. */
  readonly taken: string;
  /** What those that ended while it ran cost, and those that it left open. */
  readonly billed: string;
}

/** Every run, the latest first. An attempt belongs to the run that made it, and its bill to that in which it ended. */
export function runRows(snapshot: Snapshot): RunRow[] {
  const work = workOf(snapshot);
  return latestFirst(snapshot.runs).map((run) => countRun(run, work).row);
}

/** What the latest run did, in words. */
export interface LastRun {
  readonly id: string;
  /** `The last run (2026-11-21 02:00 UTC) took 6 h 12 min: 40 attempts made, 38 came through, $12.20 billed; interrupted`. */
  readonly text: string;
  /** The same once other runs have looked and done nothing. */
  readonly textLater: string;
}

/** The latest run that did something, since nobody asks after one that only looked; `null` before the first run. */
export function lastRun(snapshot: Snapshot): LastRun | null {
  const runs = latestFirst(snapshot.runs);
  const work = workOf(snapshot);
  const counted = runs.map((run) => ({ run, ...countRun(run, work) }));
  const chosen = counted.find(({ row }) => row.didSomething) ?? counted[0];
  if (chosen === undefined) return null;
  const { run, row, did } = chosen;
  const isAllDone = snapshot.jobs.every(({ state, orphaned }) => orphaned || DONE.includes(state));
  const ended = run.endedWhy === 'finished' && isAllDone ? 'nothing left to do' : row.ended;
  const textOf = (which: string) =>
    run.endedAtMs === null
      ? `The run of ${row.started} goes on: ${did}`
      : `${which} (${row.started}) took ${row.took}: ${did}; ${ended}`;
  const textLater = textOf('The last run that did something');
  return { id: run.id, text: run === runs[0] ? textOf('The last run') : textLater, textLater };
}

const DONE: readonly JobState[] = ['succeeded', 'canceled'];

function latestFirst(runs: readonly RunSnapshot[]): RunSnapshot[] {
  return [...runs].sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** What runs are counted from. */
interface Work {
  /** No run of this state made or followed those that were adopted. */
  readonly attempts: readonly AttemptSnapshot[];
  readonly taken: readonly TakenFrom[];
  readonly takenAtMs: number;
}

function workOf({ jobs, takenAtMs }: Snapshot): Work {
  return {
    attempts: jobs.flatMap(({ attempts }) => attempts.filter(({ adopted }) => !adopted)),
    taken: jobs.flatMap(({ takenFrom }) => takenFrom ?? []),
    takenAtMs,
  };
}

function countRun(run: RunSnapshot, { attempts, taken, takenAtMs }: Work): { row: RunRow; did: string } {
  const endMs = run.endedAtMs ?? takenAtMs;
  const during = (ms: number | null) => ms !== null && ms >= run.startedAtMs && ms <= endMs;
  // States of older versions do not say which run made an attempt.
  const isOwn = (runId: string | null | undefined, ms: number | null) => (runId ? runId === run.id : during(ms));
  const sum = new MoneySum();
  let made = 0;
  let completed = 0;
  for (const attempt of attempts) {
    const isMade = isOwn(attempt.runId, attempt.createdAtMs);
    if (isMade) made += 1;
    const isOpen = attempt.endedAtMs === null;
    if (isOpen ? isMade : during(attempt.endedAtMs)) sum.addAttempt(attempt);
    if (attempt.state === 'completed' && during(attempt.endedAtMs)) completed += 1;
  }
  const over = taken.filter(({ runId, atMs }) => isOwn(runId, atMs)).length;
  const money = sum.figures();
  const row: RunRow = {
    id: run.id,
    window: { fromMs: run.startedAtMs, toMs: endMs },
    started: formatTime(run.startedAtMs),
    took: formatDuration(endMs - run.startedAtMs),
    ended: run.endedAtMs === null ? 'goes on' : endedWords(run.endedWhy),
    didSomething: made + completed + over > 0,
    attempts: formatNumber(made),
    completed: formatNumber(completed),
    taken: formatNumber(over),
    billed: billedText(money),
  };
  const did = [
    `${formatCount(made, 'attempt')} made`,
    `${row.completed} came through`,
    ...(over > 0 ? [`${formatCount(over, 'video')} taken from results that were there`] : []),
    `${row.billed} billed`,
    ...(money.atRiskMicros > 0 ? [`${formatMoney(money.atRiskMicros)} at risk`] : []),
  ];
  return { row, did: did.join(', ') };
}

const ENDED: Readonly<Record<string, string>> = {
  finished: 'ended in order',
  interrupted: 'interrupted',
  budget: 'stopped at the budget',
  'stop-after': 'bought nothing more, as it was told',
  machine: 'stopped by a fault of the machine',
  killed: 'killed, or the machine went down',
};

/** Why a run ended, for a person; what is not one of the runner's own words is shown as it is. */
export function endedWords(why: string | null): string {
  if (why === null) return 'not said';
  return Object.hasOwn(ENDED, why) ? (ENDED[why] ?? why) : plainText(why);
}
