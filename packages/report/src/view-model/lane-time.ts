import type { AttemptSnapshot, LaneSnapshot, LaneStop, LaneStopCause } from '@localize/core';
import { slotEndMs } from './attempt-times.js';
import { formatDuration } from './format.js';
import type { LaneRun } from './lane-runs.js';
import { type Counter, type Counts, Steps } from './lane-steps.js';

/** In the order in which they are shown. */
const NAMES = {
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
  told: 'told to send nothing more',
  finishing: 'nothing left to send',
  idle: 'done, while the run went on',
} as const;

/**
 * What kept a lane from sending one more create, while a job of it waited; `finishing`, when none did any more and what was
 * out was awaited; and `idle` from then to the end of the run.
 */
export type LaneTime = keyof typeof NAMES;

const KINDS = Object.keys(NAMES) as LaneTime[];

export interface LaneTimeShare {
  readonly kind: LaneTime;
  readonly name: string;
  /** Of the time from its first upload in a run to the end of that, from 0 to 1. */
  readonly share: number;
  readonly text: string;
}

/** Less of a lane's time than this is not worth a word. */
const LEAST_SHARE = 0.005;

interface LaneTimes {
  readonly takenAtMs: number;
  /** All runs, the earliest first; attempts of others are taken for runs that ended with their last one. */
  readonly runs?: readonly LaneRun[];
  /** What lies outside is not counted. */
  readonly window?: { readonly fromMs: number; readonly toMs: number };
}

const ALL_TIME = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/**
 * Splits the time of a lane by what stood in the way of its next create. Told by what was recorded of the attempts and of
 * the lane: a job waited from its run's first upload to the run's last create on the lane, and to the end of the run where
 * that left jobs behind.
 * @param attempts in the order of their creates
 */
export function laneTime(
  attempts: readonly AttemptSnapshot[],
  lane: LaneSnapshot,
  { takenAtMs, runs = [], window = ALL_TIME }: LaneTimes,
): LaneTimeShare[] {
  const steps = new Steps();
  addAttempts(steps, attempts, lane, takenAtMs);
  addNeighbours(steps, lane);
  addCeilings(steps, lane, takenAtMs);
  if (lane.stops) addStops(steps, lane.stops, takenAtMs);
  else addPauses(steps, attempts);
  addRuns(steps, attempts, takenAtMs, runs);
  const spent = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<LaneTime, number>;
  steps.walk((counts, fromMs, toMs) => {
    const kind = kindOf(counts, lane);
    if (kind !== null) spent[kind] += Math.max(0, Math.min(toMs, window.toMs) - Math.max(fromMs, window.fromMs));
  });
  const total = KINDS.reduce((sum, kind) => sum + spent[kind], 0);
  if (total === 0) return [];
  return KINDS.filter((kind) => spent[kind] / total >= LEAST_SHARE).map((kind) => ({
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
  upload: 'uploading',
};

function addStops(steps: Steps, stops: readonly LaneStop[], takenAtMs: number): void {
  for (const { atMs, untilMs, cause } of stops) steps.add(COUNTER_OF[cause], atMs, untilMs ?? takenAtMs);
}

function kindOf(counts: Readonly<Counts>, lane: LaneSnapshot): LaneTime | null {
  const { open, window, othersOpen, othersWindow } = counts;
  if (counts.busy === 0) {
    if (counts.budget > 0) return 'budget';
    if (counts.told > 0) return 'told';
    if (counts.finishing === 0) return counts.idle > 0 ? 'idle' : null;
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
  if (counts.twin > 0) return 'twin';
  return counts.uploading > 0 ? 'upload' : 'unused';
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

/** The creates of one run on the lane, and until when one of them took a slot. */
interface Stay {
  firstMs: number;
  lastMs: number;
  endMs: number;
}

function addRuns(
  steps: Steps,
  attempts: readonly AttemptSnapshot[],
  takenAtMs: number,
  runs: readonly LaneRun[],
): void {
  const stays = staysByRun(attempts, takenAtMs);
  const openUntilMs = openUntil(attempts, takenAtMs);
  for (const run of runs) {
    const stay = stays.get(run.id);
    stays.delete(run.id);
    const untilMs = openUntilMs(run.toMs);
    if (stay || untilMs > run.fromMs) addRun(steps, run, stay, untilMs);
  }
  for (const { firstMs, lastMs, endMs } of stays.values()) {
    steps.add('busy', firstMs, lastMs);
    steps.add('finishing', lastMs, endMs);
  }
}

/** Attempts that no run is known of are taken for one run. */
function staysByRun(attempts: readonly AttemptSnapshot[], takenAtMs: number): Map<string | null, Stay> {
  const stays = new Map<string | null, Stay>();
  for (const attempt of attempts) {
    const id = attempt.runId ?? null;
    const firstMs = attempt.phases?.stagingAtMs ?? attempt.createdAtMs;
    const lastMs = attempt.createdAtMs;
    const endMs = slotEndMs(attempt, takenAtMs);
    const known = stays.get(id) ?? { firstMs, lastMs, endMs };
    known.firstMs = Math.min(known.firstMs, firstMs);
    known.lastMs = Math.max(known.lastMs, lastMs);
    known.endMs = Math.max(known.endMs, endMs);
    stays.set(id, known);
  }
  return stays;
}

/** Until when an attempt that was made before a moment took a slot; asked for later and later moments. */
function openUntil(attempts: readonly AttemptSnapshot[], takenAtMs: number): (beforeMs: number) => number {
  let next = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  return (beforeMs) => {
    for (; next < attempts.length; next += 1) {
      const attempt = attempts[next];
      if (attempt === undefined || attempt.createdAtMs >= beforeMs) break;
      untilMs = Math.max(untilMs, slotEndMs(attempt, takenAtMs));
    }
    return untilMs;
  };
}

/**
 * A run that left jobs behind had something to send to its end. Of one that left none the lane had finished when the last
 * slot was free again, and idled from then on.
 */
function addRun(
  steps: Steps,
  { fromMs, toMs, left, isUploading }: LaneRun,
  stay: Stay | undefined,
  openUntilMs: number,
) {
  const { firstMs, lastMs } = stay ?? { firstMs: fromMs, lastMs: fromMs };
  const sentMs = left === 'jobs' ? toMs : lastMs;
  steps.add('busy', firstMs, sentMs);
  if (left === 'jobs' && isUploading) steps.add('uploading', lastMs, toMs);
  if (left === 'money') steps.add('budget', lastMs, toMs);
  if (left === 'told') steps.add('told', lastMs, toMs);
  if (left !== 'nothing') return;
  const doneMs = Math.min(toMs, Math.max(lastMs, openUntilMs));
  steps.add('finishing', lastMs, doneMs);
  steps.add('idle', doneMs, toMs);
}
