import type { AttemptSnapshot, LaneSnapshot } from '@localize/core';
import { slotEndMs } from './attempt-times.js';
import { formatDuration } from './format.js';

/**
 * What kept a lane from sending one more create, while a job of it waited; and `finishing`, when none did any more and
 * what was out was awaited.
 */
export type LaneTime = 'full' | 'window' | 'paused' | 'upload' | 'unused' | 'finishing';

export interface LaneTimeShare {
  readonly kind: LaneTime;
  readonly name: string;
  /** Of the time that the lane was at work, from 0 to 1. */
  readonly share: number;
  readonly text: string;
}

const NAMES: Readonly<Record<LaneTime, string>> = {
  full: 'all slots taken',
  window: 'no create left in its window',
  paused: 'resting after a refusal for the rate',
  upload: 'waiting for uploads',
  unused: 'not used',
  finishing: 'nothing left to send',
};
const ORDER: readonly LaneTime[] = ['full', 'window', 'paused', 'upload', 'unused', 'finishing'];

/** Less of a lane's time than this is not worth a word. */
const LEAST_SHARE = 0.005;

/** Counters that the sweep keeps while it walks through time. */
type Counter = 'open' | 'window' | 'ready' | 'staging' | 'paused' | 'busy' | 'finishing';

interface Step {
  readonly atMs: number;
  readonly counter: Counter;
  readonly by: 1 | -1;
}

/**
 * Splits the time of a lane by what stood in the way of its next create. Told by the recorded attempts alone: a job waited
 * from its run's first upload to the run's last create on the lane.
 */
export function laneTime(attempts: readonly AttemptSnapshot[], lane: LaneSnapshot, takenAtMs: number): LaneTimeShare[] {
  const steps = [...attemptSteps(attempts, lane, takenAtMs), ...runSteps(attempts, takenAtMs)];
  steps.sort((a, b) => a.atMs - b.atMs);
  const counts: Record<Counter, number> = {
    open: 0,
    window: 0,
    ready: 0,
    staging: 0,
    paused: 0,
    busy: 0,
    finishing: 0,
  };
  const spent: Record<LaneTime, number> = { full: 0, window: 0, paused: 0, upload: 0, unused: 0, finishing: 0 };
  let lastMs = steps[0]?.atMs ?? 0;
  for (const { atMs, counter, by } of steps) {
    const kind = atMs > lastMs ? kindOf(counts, lane) : null;
    if (kind !== null) spent[kind] += atMs - lastMs;
    lastMs = atMs;
    counts[counter] += by;
  }
  const total = ORDER.reduce((sum, kind) => sum + spent[kind], 0);
  if (total === 0) return [];
  return ORDER.filter((kind) => spent[kind] / total >= LEAST_SHARE).map((kind) => ({
    kind,
    name: NAMES[kind],
    share: spent[kind] / total,
    text: `${Math.round((spent[kind] / total) * 100)}% ${NAMES[kind]} (${formatDuration(spent[kind])})`,
  }));
}

function kindOf(counts: Readonly<Record<Counter, number>>, lane: LaneSnapshot): LaneTime | null {
  if (counts.busy === 0) return counts.finishing > 0 ? 'finishing' : null;
  if (counts.open >= lane.concurrent) return 'full';
  if (counts.window >= lane.creates) return 'window';
  if (counts.paused > 0) return 'paused';
  return counts.staging > 0 && counts.ready === 0 ? 'upload' : 'unused';
}

function* attemptSteps(attempts: readonly AttemptSnapshot[], lane: LaneSnapshot, takenAtMs: number): Iterable<Step> {
  for (const attempt of attempts) {
    const { createdAtMs, acceptedAtMs, endedAtMs, phases } = attempt;
    yield* between('open', createdAtMs, slotEndMs(attempt, takenAtMs));
    yield* between('window', createdAtMs, (acceptedAtMs ?? endedAtMs ?? createdAtMs) + lane.perMs);
    const { stagingAtMs = null, stagedAtMs = null } = phases ?? {};
    if (stagedAtMs === null) continue;
    yield* between('ready', stagedAtMs, createdAtMs);
    yield* between('staging', stagingAtMs ?? stagedAtMs, stagedAtMs);
  }
  yield* pauseSteps(attempts);
}

/** After a 429 a lane rests until its next create. */
function* pauseSteps(attempts: readonly AttemptSnapshot[]): Iterable<Step> {
  for (const [index, { failure, state, endedAtMs }] of attempts.entries()) {
    const next = attempts[index + 1];
    if (state !== 'refused' || failure?.kind !== 'rate-limit' || endedAtMs === null || !next) continue;
    yield* between('paused', endedAtMs, next.createdAtMs);
  }
}

/** Attempts that no run is known of are taken for one run. */
function* runSteps(attempts: readonly AttemptSnapshot[], takenAtMs: number): Iterable<Step> {
  const runs = new Map<string | null, { firstMs: number; lastMs: number; endMs: number }>();
  for (const attempt of attempts) {
    const id = attempt.runId ?? null;
    const firstMs = attempt.phases?.stagingAtMs ?? attempt.createdAtMs;
    const lastMs = attempt.createdAtMs;
    const endMs = slotEndMs(attempt, takenAtMs);
    const known = runs.get(id) ?? { firstMs, lastMs, endMs };
    known.firstMs = Math.min(known.firstMs, firstMs);
    known.lastMs = Math.max(known.lastMs, lastMs);
    known.endMs = Math.max(known.endMs, endMs);
    runs.set(id, known);
  }
  for (const { firstMs, lastMs, endMs } of runs.values()) {
    yield* between('busy', firstMs, lastMs);
    yield* between('finishing', lastMs, endMs);
  }
}

function* between(counter: Counter, fromMs: number, toMs: number): Iterable<Step> {
  if (toMs <= fromMs) return;
  yield { atMs: fromMs, counter, by: 1 };
  yield { atMs: toMs, counter, by: -1 };
}
