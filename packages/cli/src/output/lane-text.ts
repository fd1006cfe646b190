import {
  allowedConcurrency,
  count,
  durationWords,
  isFilledByOthers,
  type LaneStatus,
  type LimitName,
  type LimitSource,
  type PauseCause,
  plainText,
} from '@localize/core';
import { tableLines } from './table.js';

export interface LaneTextOptions {
  readonly nowMs: number;
  /** Whether a run is at work on these lanes' jobs. */
  readonly atWork: boolean;
  /** The run that is at work buys nothing more. */
  readonly createsEnded?: boolean;
  /** Also where each limit comes from. */
  readonly sources?: boolean;
  /** What a lane is called; its full name by default. */
  readonly name?: (lane: LaneStatus) => string;
  /** When a slot of a lane is likely to be free, in epoch milliseconds; `null` where nobody knows. */
  readonly nextSlotAtMs?: (lane: LaneStatus) => number | null;
  /** How many lanes take jobs from the queue that a lane has; one by default. */
  readonly takers?: number;
}

/** A line a lane: how full it is, and what it waits for. */
export function laneLines(lanes: readonly LaneStatus[], options: LaneTextOptions): string[] {
  return tableLines(
    lanes.map((lane) => [
      lane.provider,
      plainText(options.name?.(lane) ?? lane.lane),
      openWords(lane),
      `${createsLeft(lane)} of ${lane.limits.creates} creates left per ${durationWords(lane.limits.perMs)}`,
      ...(options.sources ? [sourceWords(lane)] : commandWords(lane)),
      laneWaitWords(lane, { ...options, takers: takersOf(lane, lanes).length }),
    ]),
  );
}

/** The lanes that take from the queue of this one: those of its provider. One that is closed or of a former key takes nothing. */
export function takersOf({ provider }: LaneStatus, lanes: readonly LaneStatus[]): LaneStatus[] {
  return lanes.filter((each) => each.provider === provider && !each.former && each.wait.for !== 'person');
}

/** How many creates the window takes yet. */
export function createsLeft({ limits, inWindow }: LaneStatus): number {
  return Math.max(0, limits.creates - inWindow);
}

function openWords(lane: LaneStatus): string {
  const { open, doubtful, limits } = lane;
  const allowed = allowedConcurrency(lane);
  const notes = [
    ...(doubtful > 0 ? [`${doubtful} of them in doubt`] : []),
    ...(allowed < limits.concurrent ? [`learned; the limit is ${limits.concurrent}`] : []),
  ];
  return `${open} of ${allowed} open${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** A limit that a command has set is said wherever limits are shown. */
function commandWords({ from }: LaneStatus): string[] {
  return [Object.values(from).includes('command') ? 'limits set by command' : ''];
}

const LIMIT_WORDS: Readonly<Record<LimitName, string>> = { concurrent: 'open', creates: 'creates', perMs: 'window' };

/** `set by command`, or each with its own where they differ. */
function sourceWords({ from }: LaneStatus): string {
  const names: readonly LimitName[] = ['concurrent', 'creates', 'perMs'];
  const bySource = new Map<LimitSource, string[]>();
  for (const name of names) bySource.set(from[name], [...(bySource.get(from[name]) ?? []), LIMIT_WORDS[name]]);
  const groups = [...bySource];
  if (groups.length === 1) return groups.map(([source]) => sourceOf(source)).join('');
  return groups.map(([source, words]) => `${words.join(' and ')} ${sourceOf(source)}`).join(', ');
}

function sourceOf(source: LimitSource): string {
  switch (source) {
    case 'command':
      return 'set by command';
    case 'manifest':
      return 'from the manifest';
    case 'default':
      return 'by default';
    case 'own settings':
      return 'from your own settings';
    case 'assumed':
      return 'assumed';
    default:
      return source.startsWith('own ') ? `by ${source.slice(4)} of your own settings` : `by ${source}`;
  }
}

const PAUSES = {
  'rate-limit': 'after a 429',
  uncertain: 'after creates without a clear reply',
  unreachable: 'since it could not be reached',
} as const;

function pauseWords(lane: LaneStatus, cause: PauseCause | null): string {
  if (isFilledByOthers(lane)) return ' after a 429, though nothing of ours is known to be open there';
  return cause === null ? '' : ` ${PAUSES[cause]}`;
}

/** What the lane's next create waits for. */
export function laneWaitWords(lane: LaneStatus, options: LaneTextOptions): string {
  const { wait, waitingJobs } = lane;
  const { nowMs, atWork, createsEnded = false, takers = 1 } = options;
  const jobs = count(waitingJobs, 'job');
  const toGo = `${jobs} to go${takers > 1 ? ` on ${takers} lanes` : ''}`;
  if (lane.former) return `a former key: ${formerWords(lane)}, nothing more goes to it`;
  if (createsEnded && wait.for !== 'person' && waitingJobs > 0)
    return `buys nothing more; ${jobs} left for another run`;
  const inTime = (untilMs: number) => durationWords(Math.max(1_000, untilMs - nowMs));
  switch (wait.for) {
    case 'person':
      return `closed: ${plainText(wait.why, 200)}`;
    case 'nothing':
      return 'nothing to do';
    case 'budget':
      return `${jobs} beyond the budget`;
    case 'pause':
      return `pauses for ${inTime(wait.untilMs)}${pauseWords(lane, wait.cause)}; ${toGo}`;
    case 'reply':
      return `sends one create at a time and waits for its reply; ${toGo}`;
    case 'price':
      return `waits for the reply that tells the price; ${toGo}`;
    case 'slot': {
      const slotAtMs = options.nextSlotAtMs?.(lane) ?? null;
      const next = slotAtMs === null ? 'all slots are taken' : `next slot in about ${inTime(slotAtMs)}`;
      return `${next}${lane.doubtful > 0 ? '; settling what is in doubt frees its slot' : ''}; ${toGo}`;
    }
    case 'window':
      if (wait.untilMs === null) return `the window is full of creates that have no reply yet; ${toGo}`;
      return `next place in the window in ${inTime(wait.untilMs)}; ${toGo}`;
    case 'upload':
      return `uploads fail, the next one is tried in ${inTime(wait.untilMs)}; ${toGo}`;
    case 'job':
      return atWork ? `free: the next job is being staged; ${toGo}` : `free: ${toGo}, and no run at work`;
  }
}

function formerWords({ open, held = 0 }: LaneStatus): string {
  if (held === 0) return 'what it bought is awaited';
  return held < open ? `of what it bought ${held} held, ${open - held} awaited` : 'what it bought is held';
}
