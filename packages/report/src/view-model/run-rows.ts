import { type AttemptSnapshot, plainText, type RunSnapshot, type Snapshot } from '@localize/core';
import { formatCount, formatDuration, formatNumber, formatTime } from './format.js';
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
  /** It made attempts, or some came through while it ran. */
  readonly didSomething: boolean;
  /** Attempts that this run made. */
  readonly attempts: string;
  /** Attempts that completed while it ran, whoever made them. */
  readonly completed: string;
  /** What those that ended while it ran cost. */
  readonly billed: string;
}

/** Every run, the latest first. An attempt belongs to the run that made it, and its bill to that in which it ended. */
export function runRows(snapshot: Snapshot): RunRow[] {
  const attempts = ownAttempts(snapshot);
  return latestFirst(snapshot.runs).map((run) => runRow(run, attempts, snapshot.takenAtMs));
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
  const attempts = ownAttempts(snapshot);
  const counted = runs.map((run) => ({ run, ...countRun(run, attempts, snapshot.takenAtMs) }));
  const chosen = counted.find(({ made, completed }) => made + completed > 0) ?? counted[0];
  if (chosen === undefined) return null;
  const { run, row, made, completed } = chosen;
  const did = `${formatCount(made, 'attempt')} made, ${formatNumber(completed)} came through, ${row.billed} billed`;
  const textOf = (which: string) =>
    run.endedAtMs === null
      ? `The run of ${row.started} goes on: ${did}`
      : `${which} (${row.started}) took ${row.took}: ${did}; ${row.ended}`;
  const textLater = textOf('The last run that did something');
  return { id: run.id, text: run === runs[0] ? textOf('The last run') : textLater, textLater };
}

/** No run of this state made or followed the others. */
function ownAttempts({ jobs }: Snapshot): AttemptSnapshot[] {
  return jobs.flatMap(({ attempts }) => attempts.filter(({ adopted }) => !adopted));
}

function latestFirst(runs: readonly RunSnapshot[]): RunSnapshot[] {
  return [...runs].sort((a, b) => b.startedAtMs - a.startedAtMs);
}

function runRow(run: RunSnapshot, attempts: readonly AttemptSnapshot[], takenAtMs: number): RunRow {
  return countRun(run, attempts, takenAtMs).row;
}

function countRun(
  run: RunSnapshot,
  attempts: readonly AttemptSnapshot[],
  takenAtMs: number,
): { readonly row: RunRow; readonly made: number; readonly completed: number } {
  const endMs = run.endedAtMs ?? takenAtMs;
  const during = (ms: number | null) => ms !== null && ms >= run.startedAtMs && ms <= endMs;
  const sum = new MoneySum();
  let made = 0;
  let completed = 0;
  for (const attempt of attempts) {
    // States of older versions do not say which run made an attempt.
    if (attempt.runId ? attempt.runId === run.id : during(attempt.createdAtMs)) made += 1;
    if (!during(attempt.endedAtMs)) continue;
    sum.addAttempt(attempt);
    if (attempt.state === 'completed') completed += 1;
  }
  const row: RunRow = {
    id: run.id,
    window: { fromMs: run.startedAtMs, toMs: endMs },
    started: formatTime(run.startedAtMs),
    took: formatDuration(endMs - run.startedAtMs),
    ended: run.endedAtMs === null ? 'goes on' : endedWords(run.endedWhy),
    didSomething: made + completed > 0,
    attempts: formatNumber(made),
    completed: formatNumber(completed),
    billed: billedText(sum.figures()),
  };
  return { row, made, completed };
}

const ENDED: Readonly<Record<string, string>> = {
  finished: 'nothing left to do',
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
