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
const COUNTERS = ['open', 'window', 'ready', 'staging', 'paused', 'busy', 'finishing'] as const;
type Counter = (typeof COUNTERS)[number];
type Counts = Record<Counter, number>;

/**
 * Splits the time of a lane by what stood in the way of its next create. Told by the recorded attempts alone: a job waited
 * from its run's first upload to the run's last create on the lane.
 */
export function laneTime(attempts: readonly AttemptSnapshot[], lane: LaneSnapshot, takenAtMs: number): LaneTimeShare[] {
  const steps = new Steps();
  addAttempts(steps, attempts, lane, takenAtMs);
  addPauses(steps, attempts);
  addRuns(steps, attempts, takenAtMs);
  const spent: Record<LaneTime, number> = { full: 0, window: 0, paused: 0, upload: 0, unused: 0, finishing: 0 };
  steps.walk((counts, ms) => {
    const kind = kindOf(counts, lane);
    if (kind !== null) spent[kind] += ms;
  });
  const total = ORDER.reduce((sum, kind) => sum + spent[kind], 0);
  if (total === 0) return [];
  return ORDER.filter((kind) => spent[kind] / total >= LEAST_SHARE).map((kind) => ({
    kind,
    name: NAMES[kind],
    share: spent[kind] / total,
    text: `${Math.round((spent[kind] / total) * 100)}% ${NAMES[kind]} (${formatDuration(spent[kind])})`,
  }));
}

function kindOf(counts: Readonly<Counts>, lane: LaneSnapshot): LaneTime | null {
  if (counts.busy === 0) return counts.finishing > 0 ? 'finishing' : null;
  if (counts.open >= lane.concurrent) return 'full';
  if (counts.window >= lane.creates) return 'window';
  if (counts.paused > 0) return 'paused';
  return counts.staging > 0 && counts.ready === 0 ? 'upload' : 'unused';
}

function addAttempts(steps: Steps, attempts: readonly AttemptSnapshot[], lane: LaneSnapshot, takenAtMs: number): void {
  for (const attempt of attempts) {
    const { createdAtMs, acceptedAtMs, endedAtMs, phases } = attempt;
    steps.add('open', createdAtMs, slotEndMs(attempt, takenAtMs));
    steps.add('window', createdAtMs, (acceptedAtMs ?? endedAtMs ?? createdAtMs) + lane.perMs);
    const { stagingAtMs = null, stagedAtMs = null } = phases ?? {};
    if (stagedAtMs === null) continue;
    steps.add('ready', stagedAtMs, createdAtMs);
    steps.add('staging', stagingAtMs ?? stagedAtMs, stagedAtMs);
  }
}

/** After a 429 a lane rests until its next create. */
function addPauses(steps: Steps, attempts: readonly AttemptSnapshot[]): void {
  for (const [index, { failure, state, endedAtMs }] of attempts.entries()) {
    const next = attempts[index + 1];
    if (state !== 'refused' || failure?.kind !== 'rate-limit' || endedAtMs === null || !next) continue;
    steps.add('paused', endedAtMs, next.createdAtMs);
  }
}

/** Attempts that no run is known of are taken for one run. */
function addRuns(steps: Steps, attempts: readonly AttemptSnapshot[], takenAtMs: number): void {
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
    steps.add('busy', firstMs, lastMs);
    steps.add('finishing', lastMs, endMs);
  }
}

/** More than all codes that go with a time. */
const CODES = 16;

/**
 * Changes of the counters in the order of time. A time and what changes then are one number, since numbers sort many times
 * faster than objects, and a large batch has a million of them.
 */
class Steps {
  readonly #steps: number[] = [];

  add(counter: Counter, fromMs: number, toMs: number): void {
    if (toMs <= fromMs) return;
    const code = COUNTERS.indexOf(counter) * 2;
    this.#steps.push(Math.round(fromMs) * CODES + code + 1, Math.round(toMs) * CODES + code);
  }

  /** Tells each stretch of time with the counters that held in it. */
  walk(tell: (counts: Readonly<Counts>, ms: number) => void): void {
    const counts: Counts = { open: 0, window: 0, ready: 0, staging: 0, paused: 0, busy: 0, finishing: 0 };
    let lastMs = 0;
    for (const step of Float64Array.from(this.#steps).sort()) {
      const code = step % CODES;
      const atMs = (step - code) / CODES;
      if (atMs > lastMs && lastMs > 0) tell(counts, atMs - lastMs);
      lastMs = atMs;
      const counter = COUNTERS[code >> 1];
      if (counter) counts[counter] += code % 2 === 1 ? 1 : -1;
    }
  }
}
