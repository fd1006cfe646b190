import type { AttemptSnapshot, LaneSnapshot, LaneStop, LaneStopCause } from '@localize/core';
import { slotEndMs } from './attempt-times.js';
import { formatDuration } from './format.js';

/**
 * What kept a lane from sending one more create, while a job of it waited; and `finishing`, when none did any more and
 * what was out was awaited.
 */
export type LaneTime =
  | 'full'
  | 'window'
  | 'others'
  | 'ceiling'
  | 'closed'
  | 'paused'
  | 'doubt'
  | 'unreachable'
  | 'upload'
  | 'twin'
  | 'unused'
  | 'budget'
  | 'finishing';

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
  others: 'its places taken by other batches',
  ceiling: 'kept below its limit after refusals for the rate',
  closed: 'closed for its key or its balance',
  paused: 'resting after a refusal for the rate',
  doubt: 'resting after creates whose reply was lost',
  unreachable: 'resting while it could not be reached',
  upload: 'waiting for uploads',
  twin: 'its jobs waiting for the result of others made of the same',
  unused: 'not used',
  budget: 'the budget left no room',
  finishing: 'nothing left to send',
};
const ORDER: readonly LaneTime[] = [
  'full',
  'window',
  'others',
  'ceiling',
  'closed',
  'paused',
  'doubt',
  'unreachable',
  'upload',
  'twin',
  'unused',
  'budget',
  'finishing',
];

/** Less of a lane's time than this is not worth a word. */
const LEAST_SHARE = 0.005;

/** Counters that the sweep keeps while it walks through time. */
const COUNTERS = [
  'open',
  'window',
  'othersOpen',
  'othersWindow',
  'lowered',
  'ready',
  'staging',
  'closed',
  'paused',
  'doubt',
  'unreachable',
  'busy',
  'finishing',
  'budget',
  'broke',
  'twin',
] as const;
type Counter = (typeof COUNTERS)[number];
type Counts = Record<Counter, number>;

interface LaneTimes {
  readonly takenAtMs: number;
  /** Runs at whose end jobs of this lane waited for money. */
  readonly brokeRuns?: ReadonlySet<string>;
  /** What lies outside is not counted. */
  readonly window?: { readonly fromMs: number; readonly toMs: number };
}

const ALL_TIME = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/**
 * Splits the time of a lane by what stood in the way of its next create. Told by what was recorded of the attempts and of
 * the lane: a job waited from its run's first upload to the run's last create on the lane, and to the end where the budget
 * then kept it.
 */
export function laneTime(
  attempts: readonly AttemptSnapshot[],
  lane: LaneSnapshot,
  { takenAtMs, brokeRuns = new Set(), window = ALL_TIME }: LaneTimes,
): LaneTimeShare[] {
  const steps = new Steps();
  addAttempts(steps, attempts, lane, takenAtMs);
  addNeighbours(steps, lane);
  addCeilings(steps, lane, takenAtMs);
  if (lane.stops) addStops(steps, lane.stops, takenAtMs);
  else addPauses(steps, attempts);
  addRuns(steps, attempts, takenAtMs, brokeRuns);
  const spent = Object.fromEntries(ORDER.map((kind) => [kind, 0])) as Record<LaneTime, number>;
  steps.walk((counts, fromMs, toMs) => {
    const kind = kindOf(counts, lane);
    if (kind !== null) spent[kind] += Math.max(0, Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs));
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

/** What stops a lane altogether; the gravest first. */
const RESTS = ['closed', 'unreachable', 'doubt', 'paused'] as const;

const COUNTER_OF: Readonly<Record<LaneStopCause, Counter>> = {
  closed: 'closed',
  'rate-limit': 'paused',
  uncertain: 'doubt',
  unreachable: 'unreachable',
  budget: 'broke',
  twin: 'twin',
};

function addStops(steps: Steps, stops: readonly LaneStop[], takenAtMs: number): void {
  for (const { atMs, untilMs, cause } of stops) steps.add(COUNTER_OF[cause], atMs, untilMs ?? takenAtMs);
}

function kindOf(counts: Readonly<Counts>, lane: LaneSnapshot): LaneTime | null {
  const { open, window, othersOpen, othersWindow } = counts;
  if (counts.busy === 0) {
    if (counts.budget > 0) return 'budget';
    if (counts.finishing === 0) return null;
    if (counts.closed > 0) return 'closed';
    return counts.twin > 0 ? 'twin' : 'finishing';
  }
  if (open >= lane.concurrent) return 'full';
  if (window >= lane.creates) return 'window';
  if (open + othersOpen >= lane.concurrent || window + othersWindow >= lane.creates) return 'others';
  if (open + othersOpen >= lane.concurrent - counts.lowered) return 'ceiling';
  const rest = RESTS.find((kind) => counts[kind] > 0);
  if (rest !== undefined) return rest;
  if (counts.broke > 0) return 'budget';
  if (counts.staging > 0 && counts.ready === 0) return 'upload';
  return counts.twin > 0 ? 'twin' : 'unused';
}

function addNeighbours(steps: Steps, { elsewhere = [] }: LaneSnapshot): void {
  for (const [fromMs, slotEndMs, windowEndMs] of elsewhere) {
    steps.add('othersOpen', fromMs, slotEndMs);
    steps.add('othersWindow', fromMs, windowEndMs);
  }
}

/** A ceiling holds until the next one. */
function addCeilings(steps: Steps, { ceilings = [], concurrent }: LaneSnapshot, takenAtMs: number): void {
  for (const [index, ceiling] of ceilings.entries()) {
    const untilMs = ceilings[index + 1]?.atMs ?? takenAtMs;
    const lowered = concurrent - (ceiling.concurrent ?? concurrent);
    for (let slot = 0; slot < lowered; slot += 1) steps.add('lowered', ceiling.atMs, untilMs);
  }
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

/** After a 429 a lane rests until its next create: where nobody wrote down for how long. */
function addPauses(steps: Steps, attempts: readonly AttemptSnapshot[]): void {
  for (const [index, { failure, state, endedAtMs }] of attempts.entries()) {
    const next = attempts[index + 1];
    if (state !== 'refused' || failure?.kind !== 'rate-limit' || endedAtMs === null || !next) continue;
    steps.add('paused', endedAtMs, next.createdAtMs);
  }
}

/** Attempts that no run is known of are taken for one run. */
function addRuns(
  steps: Steps,
  attempts: readonly AttemptSnapshot[],
  takenAtMs: number,
  brokeRuns: ReadonlySet<string>,
): void {
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
  for (const [id, { firstMs, lastMs, endMs }] of runs) {
    steps.add('busy', firstMs, lastMs);
    steps.add(id !== null && brokeRuns.has(id) ? 'budget' : 'finishing', lastMs, endMs);
  }
}

/** More than all codes that go with a time. */
const CODES = 32;

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
  walk(tell: (counts: Readonly<Counts>, fromMs: number, toMs: number) => void): void {
    const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Counts;
    let lastMs = 0;
    for (const step of Float64Array.from(this.#steps).sort()) {
      const code = step % CODES;
      const atMs = (step - code) / CODES;
      if (atMs > lastMs && lastMs > 0) tell(counts, lastMs, atMs);
      lastMs = atMs;
      const counter = COUNTERS[code >> 1];
      if (counter) counts[counter] += code % 2 === 1 ? 1 : -1;
    }
  }
}
