import { allowedConcurrency } from '../limits/lane-admission.js';
import { median } from '../limits/median.js';
import type { LaneStatus } from '../snapshot/lane-status.js';
import { type LaneAtStart, queueOf } from './start-queue.js';

/** An attempt that holds a slot. Times are epoch milliseconds. */
export interface OpenWork {
  readonly provider: string;
  /** Display name of its lane. */
  readonly lane: string;
  readonly sinceMs: number;
  /** What its route usually takes for such a video. */
  readonly usualMs: number;
  /** How long earlier ones of its route took, as shares of what was usual for each. */
  readonly seen: readonly number[];
  /** The run waits for its end; else it only holds its slot, no longer than `slotUntilMs`. */
  readonly isAwaited: boolean;
  readonly slotUntilMs: number;
}

/** A job that is not bought yet; a sample of them stands for all. */
export type WaitingWork = Pick<OpenWork, 'provider' | 'usualMs' | 'seen'>;

/** Results of a provider that are on their way to the disk, or wait for it. */
export interface ResultsLeft {
  readonly provider: string;
  readonly results: number;
  /** Since when the newest of them is known. */
  readonly sinceMs: number;
}

/** Files that jobs wait for which are not bought yet, on their way to one destination. */
export interface UploadsLeft {
  /** Whose jobs wait for them. */
  readonly providers: readonly string[];
  readonly bytes: number;
  /** How fast all uploads to this destination were together; `null`: none was seen yet. */
  readonly bytesPerMs: number | null;
  /** When there were so many bytes left. */
  readonly atMs: number;
}

/** What a run has still before it. */
export interface WorkLeft {
  readonly open: readonly OpenWork[];
  readonly waiting: readonly WaitingWork[];
  readonly uploads: readonly UploadsLeft[];
  readonly results: readonly ResultsLeft[];
  /** What the last downloads took, in milliseconds. */
  readonly downloads: readonly number[];
  /** So many downloads of a provider run at once. */
  readonly downloadsAtOnce: number;
}

/** How long a run may still take. */
export interface TimeLeft {
  /** Never more than a moment ago, unless something new was learned. */
  readonly ms: number;
  /** So many predictions take much longer than is usual: when they end is not in `ms`, since nobody knows. */
  readonly late: number;
}

/**
 * From what is open, what waits and what the lanes let through, as a forecast is made. A prediction is taken to last as
 * long as those of its route mostly did, in this run and in earlier ones; before there were any, what the catalogue
 * calls usual. Jobs that wait for a person or for money are not waited for, nor those whose account others fill.
 * @param options.createsEnded what waits is left for another run
 * @returns `null` when there is nothing to wait for
 */
export function timeLeft(
  work: WorkLeft,
  lanes: readonly LaneStatus[],
  { nowMs, createsEnded = false }: { nowMs: number; createsEnded?: boolean },
): TimeLeft | null {
  const awaited = work.open.filter(({ isAwaited }) => isAwaited);
  const taking = createsEnded
    ? []
    : lanes.filter((lane) => !lane.former && !FOR_A_PERSON.has(lane.wait.for) && !isFilledByOthers(lane));
  const queues = [...queueEnds(work, taking, nowMs), ...uploadEnds(work, taking, nowMs)];
  if (awaited.length + queues.length + work.results.length === 0) return null;
  const download = median(work.downloads) ?? 0;
  const ends = [...awaited.map((open) => remaining(open, nowMs)), ...queues].map((end) => end + download);
  const results = work.results.map((left) => downloadsEnd(left, work, { download, nowMs }));
  return { ms: Math.max(0, ...ends, ...results), late: awaited.filter((open) => isLate(open, nowMs)).length };
}

const FOR_A_PERSON: ReadonlySet<LaneStatus['wait']['for']> = new Set(['person', 'budget']);

/**
 * Whether an account takes no create although nothing of this state is known to be open there: predictions past their
 * timeout may still be, or those of somebody else. When they end nobody knows.
 */
export function isFilledByOthers({ wait, learnedConcurrent, open }: LaneStatus): boolean {
  if (learnedConcurrent !== 1) return false;
  return (wait.for === 'pause' && wait.cause === 'rate-limit' && open === 0) || (wait.for === 'reply' && open === 1);
}

/** When the next slot of a lane is likely to be free; `null` where what is due already has not ended. */
export function nextSlotAt({ open }: WorkLeft, lane: LaneStatus, nowMs: number): number | null {
  const ends = open.filter((each) => isOn(each, lane)).map((each) => slotEnd(each, nowMs));
  const next = Math.min(...ends);
  return next > 0 && Number.isFinite(next) ? nowMs + next : null;
}

/** A job takes this share of what is usual for it. */
function usualShare(seen: readonly number[]): number {
  // What the catalogue says counts as one that was seen: soon outvoted, and a check on a first odd one.
  return median([...seen, 1]) ?? 1;
}

function expected({ usualMs, seen }: WaitingWork): number {
  return usualMs * usualShare(seen);
}

/** From so much more than what is usual on, a prediction is called late. */
const LATE = 1.5;
/** Less is a matter of when somebody looks. */
const LEAST_LATE_MS = 5_000;

function isLate(open: OpenWork, nowMs: number): boolean {
  const usual = expected(open);
  const longest = Math.max(...open.seen.map((share) => share * open.usualMs), LATE * usual, usual + LEAST_LATE_MS);
  return nowMs - open.sinceMs > longest;
}

function remaining(open: OpenWork, nowMs: number): number {
  return Math.max(0, open.sinceMs + expected(open) - nowMs);
}

function downloadsEnd(
  { results, sinceMs }: ResultsLeft,
  { downloadsAtOnce }: WorkLeft,
  { download, nowMs }: { download: number; nowMs: number },
): number {
  const rounds = Math.ceil(results / downloadsAtOnce);
  return rounds > 1 ? rounds * download : Math.max(0, sinceMs + download - nowMs);
}

/** When what is uploaded last will have been made, by destination. */
function uploadEnds({ uploads, waiting }: WorkLeft, taking: readonly LaneStatus[], nowMs: number): number[] {
  return uploads.flatMap(({ providers, bytes, bytesPerMs, atMs }) => {
    const isFor = ({ provider }: { readonly provider: string }) => providers.includes(provider);
    if (bytes === 0 || bytesPerMs === null || !taking.some(isFor)) return [];
    const uploaded = Math.max(0, atMs + bytes / bytesPerMs - nowMs);
    return [uploaded + (median(waiting.filter(isFor).map(expected)) ?? 0)];
  });
}

/** When the last of the jobs that wait will have been made, by provider. */
function queueEnds(work: WorkLeft, taking: readonly LaneStatus[], nowMs: number): number[] {
  const providers = new Set(taking.map(({ provider }) => provider));
  return [...providers].flatMap((provider) => {
    const own = taking.filter((lane) => lane.provider === provider);
    // The jobs that wait are a provider's, whichever of its lanes will take them.
    const jobs = own[0]?.waitingJobs ?? 0;
    const sample = work.waiting.filter((waiting) => waiting.provider === provider).map(expected);
    if (jobs === 0 || sample.length === 0) return [];
    return [
      queueEnd(
        sample,
        jobs,
        own.map((lane) => laneAt(lane, work.open, nowMs)),
      ),
    ];
  });
}

/** So many jobs are queued one by one; the rest go on as fast as the second half of them. */
const QUEUED = 600;

function queueEnd(sample: readonly number[], jobs: number, lanes: readonly LaneAtStart[]): number {
  const queue = queueOf(lanes);
  const queued = Math.min(jobs, QUEUED);
  let end = 0;
  let halfway = 0;
  for (let job = 0; job < queued; job += 1) {
    end = Math.max(end, queue.run(sample[job % sample.length] ?? 0));
    if (job + 1 === queued >> 1) halfway = end;
  }
  const more = jobs - queued;
  return more === 0 ? end : end + ((end - halfway) / (queued >> 1)) * more;
}

/** A lane with what is on it, on a clock that starts now. */
function laneAt(lane: LaneStatus, open: readonly OpenWork[], nowMs: number): LaneAtStart {
  const { limits, inWindow, placesFreeAtMs, wait } = lane;
  const ends = open.filter((each) => isOn(each, lane)).map((each) => slotEnd(each, nowMs));
  const replied = placesFreeAtMs.map((at) => Math.min(0, at - nowMs - limits.perMs));
  // Those whose reply is out hold their places as if it came now.
  const unreplied = Array.from({ length: Math.max(0, inWindow - replied.length) }, () => 0);
  const starts = [...replied, ...unreplied];
  const closedMs = wait.for === 'pause' ? Math.max(0, wait.untilMs - nowMs) : 0;
  return { limits: { ...limits, concurrent: allowedConcurrency(lane) }, ends, starts, closedMs };
}

function isOn({ provider, lane }: OpenWork, status: LaneStatus): boolean {
  return provider === status.provider && lane === status.lane;
}

function slotEnd(open: OpenWork, nowMs: number): number {
  return open.isAwaited ? remaining(open, nowMs) : Math.max(0, open.slotUntilMs - nowMs);
}
