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

/** Percentiles over the completed attempts of each route, by nearest rank. */
export function latencyRows(jobs: readonly JobSnapshot[]): LatencyRow[] {
  const times = new Map<string, number[]>();
  for (const attempt of jobs.flatMap((job) => job.attempts)) {
    if (attempt.state !== 'completed' || attempt.acceptedAtMs === null || attempt.endedAtMs === null) continue;
    const list = times.get(attempt.route) ?? [];
    list.push(attempt.endedAtMs - attempt.acceptedAtMs);
    times.set(attempt.route, list);
  }
  return [...times].map(([route, list]) => latencyRow(route, list)).sort((a, b) => b.completed - a.completed);
}

function latencyRow(route: string, times: number[]): LatencyRow {
  times.sort((a, b) => a - b);
  const at = (share: number) => formatDuration(times[Math.ceil(share * times.length) - 1] ?? null);
  return {
    route: plainText(route),
    completed: times.length,
    median: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    slowest: at(1),
  };
}
