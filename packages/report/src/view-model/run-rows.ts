import { plainText, type RunSnapshot, type Snapshot } from '@localize/core';
import { formatDuration, formatNumber, formatTime } from './format.js';
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
  /** Attempts that this run made. */
  readonly attempts: string;
  /** Attempts that completed while it ran, whoever made them. */
  readonly completed: string;
  /** What those that ended while it ran cost. */
  readonly billed: string;
}

/** Every run, the latest first. An attempt belongs to the run during which it was made, and its bill to that in which it ended. */
export function runRows(snapshot: Snapshot): RunRow[] {
  return [...snapshot.runs].sort((a, b) => b.startedAtMs - a.startedAtMs).map((run) => runRow(run, snapshot));
}

function runRow(run: RunSnapshot, snapshot: Snapshot): RunRow {
  const endMs = run.endedAtMs ?? snapshot.takenAtMs;
  const during = (ms: number | null) => ms !== null && ms >= run.startedAtMs && ms <= endMs;
  const sum = new MoneySum();
  let made = 0;
  let completed = 0;
  for (const attempt of snapshot.jobs.flatMap((job) => job.attempts)) {
    if (during(attempt.createdAtMs)) made += 1;
    if (!during(attempt.endedAtMs)) continue;
    sum.addAttempt(attempt);
    if (attempt.state === 'completed') completed += 1;
  }
  return {
    id: run.id,
    window: { fromMs: run.startedAtMs, toMs: endMs },
    started: formatTime(run.startedAtMs),
    took: formatDuration(endMs - run.startedAtMs),
    ended: run.endedAtMs === null ? 'goes on' : plainText(run.endedWhy ?? 'not said'),
    attempts: formatNumber(made),
    completed: formatNumber(completed),
    billed: billedText(sum.figures()),
  };
}
