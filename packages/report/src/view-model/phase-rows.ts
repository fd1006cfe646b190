import { type JobSnapshot, plainText } from '@localize/core';
import { type Phase, phaseTimes } from './attempt-times.js';
import { formatTimeFigure } from './format.js';

/** The part of a job that times are told by. */
type Tried = Pick<JobSnapshot, 'attempts'>;

/** How long one thing took, over many attempts. */
export interface TimeRow {
  readonly name: string;
  readonly count: number;
  readonly median: string;
  readonly p90: string;
  readonly p99: string;
  readonly slowest: string;
}

const PHASE_NAMES: readonly (readonly [Phase, string])[] = [
  ['upload', 'Hashing and upload of its media'],
  ['place', 'Waiting for a place in the lane'],
  ['send', 'Waiting for the reply to the create'],
  ['queue', 'In the provider’s queue'],
  ['work', 'At work at the provider'],
  ['download', 'Download and verification'],
];

/** Where the time of a video went, phase by phase, over all attempts; only phases that were seen. */
export function phaseRows(jobs: readonly Tried[]): TimeRow[] {
  const times = new Map<Phase, number[]>();
  for (const { attempts } of jobs) {
    for (const attempt of attempts) {
      for (const { phase, fromMs, toMs } of phaseTimes(attempt)) add(times, phase, toMs - fromMs);
    }
  }
  return PHASE_NAMES.flatMap(([phase, name]) => timeRow(name, times.get(phase) ?? []));
}

/** Time at the provider, from acceptance to completion, of each route; the busiest first. */
export function latencyRows(jobs: readonly Tried[]): TimeRow[] {
  return [...latencyTimes(jobs)]
    .flatMap(([route, times]) => timeRow(plainText(route), times))
    .sort((a, b) => b.count - a.count);
}

/** Milliseconds from acceptance to completion, by route. */
export function latencyTimes(jobs: Iterable<Tried>): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { attempts } of jobs) {
    for (const { state, route, acceptedAtMs, endedAtMs } of attempts) {
      if (state !== 'completed' || acceptedAtMs === null || endedAtMs === null) continue;
      add(times, route, endedAtMs - acceptedAtMs);
    }
  }
  return times;
}

/** The value below or at which this share of all lies, by nearest rank; `null` for none at all. */
export function percentile(values: readonly number[], share: number): number | null {
  return nearestRank(sorted(values), share);
}

function add<K>(times: Map<K, number[]>, key: K, ms: number): void {
  const list = times.get(key);
  if (list) list.push(ms);
  else times.set(key, [ms]);
}

function timeRow(name: string, times: readonly number[]): TimeRow[] {
  if (times.length === 0) return [];
  const inOrder = sorted(times);
  const at = (share: number) => formatTimeFigure(nearestRank(inOrder, share));
  return [{ name, count: times.length, median: at(0.5), p90: at(0.9), p99: at(0.99), slowest: at(1) }];
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function nearestRank(inOrder: readonly number[], share: number): number | null {
  return inOrder[Math.ceil(share * inOrder.length) - 1] ?? null;
}
