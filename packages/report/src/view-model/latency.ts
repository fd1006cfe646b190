import { type JobSnapshot, plainText } from '@localize/core';
import { formatDuration } from './format.js';

/** How long a route took from acceptance to completion. */
export interface LatencyRow {
  readonly route: string;
  readonly completed: number;
  readonly median: string;
  readonly p90: string;
  readonly p99: string;
  readonly slowest: string;
}

/** Percentiles over the completed attempts of each route. */
export function latencyRows(jobs: readonly JobSnapshot[]): LatencyRow[] {
  return [...latencyTimes(jobs)]
    .map(([route, times]) => latencyRow(route, times))
    .sort((a, b) => b.completed - a.completed);
}

/** Milliseconds from acceptance to completion, by route. */
export function latencyTimes(jobs: readonly JobSnapshot[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const attempt of jobs.flatMap((job) => job.attempts)) {
    if (attempt.state !== 'completed' || attempt.acceptedAtMs === null || attempt.endedAtMs === null) continue;
    const list = times.get(attempt.route) ?? [];
    list.push(attempt.endedAtMs - attempt.acceptedAtMs);
    times.set(attempt.route, list);
  }
  return times;
}

/** The value below or at which this share of all lies, by nearest rank; `null` for none at all. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? null;
}

function latencyRow(route: string, times: readonly number[]): LatencyRow {
  const at = (share: number) => formatDuration(percentile(times, share));
  return {
    route: plainText(route),
    completed: times.length,
    median: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    slowest: at(1),
  };
}
