import { type AttemptSnapshot, isRateLimited, type LaneSnapshot, plainText, type Snapshot } from '@localize/core';
import { type Phase, phaseTimes, slotEndMs } from './attempt-times.js';
import { formatNumber, formatPeriod } from './format.js';
import { LaneLeftovers, laneId } from './lane-runs.js';
import { type LaneTimeShare, laneTime } from './lane-time.js';
import { mostCreates, type OpenStep, openSteps, slotUse, type Taken } from './lane-use.js';
import { latencyRows, phaseRows, type TimeRow } from './phase-rows.js';

/** What a bar stands for: a phase of an attempt that holds its lane or its result, or one that came to nothing. */
export type SpanKind = Extract<Phase, 'send' | 'queue' | 'work' | 'download'> | 'trouble';

/** A stretch of time of one attempt. `from` and `to` are shares of the whole timeline, from 0 to 1. */
export interface Span {
  readonly kind: SpanKind;
  /** The track of the lane that the attempt is drawn on: attempts on one track never overlap. */
  readonly track: number;
  readonly from: number;
  readonly to: number;
  readonly jobKey: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimelineLane {
  readonly lane: string;
  readonly provider: string;
  readonly tracks: number;
  readonly spans: readonly Span[];
  /** Attempts that were made in the time that is shown. */
  readonly attempts: number;
  /** Those from before that went on in it. */
  readonly earlier: number;
  /** Slots that were taken over time; its limit is `slots`. */
  readonly open: readonly OpenStep[];
  readonly slots: number | null;
  /** `8 of 10`: the most attempts that were open at once, of the limit. */
  readonly peakOpen: string;
  /** `62%`: how much of its slots the lane used while it had work; `–` without a limit. */
  readonly used: string;
  /** `5 of 5 in 60 s`: the most creates within the lane's window, of its limit. */
  readonly peakCreates: string;
  /** Creates of this batch that were refused for the rate. */
  readonly rateLimited: number;
  /** What stood in the way of its next create. */
  readonly time: readonly LaneTimeShare[];
}

export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lanes: readonly TimelineLane[];
  readonly latency: readonly TimeRow[];
  readonly phases: readonly TimeRow[];
  readonly retries: number;
  readonly failovers: number;
}

interface Entry {
  readonly attempt: AttemptSnapshot;
  readonly jobKey: string;
  readonly startMs: number;
  /** The slot is free again. */
  readonly endMs: number;
  /** Its result is there: the end of its bar. */
  readonly doneMs: number;
}

/** The time that a timeline shows. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Every attempt by lane, packed on as few tracks as they need, with how full each lane was; all time without a window. */
export function buildTimeline(snapshot: Snapshot, window: TimeWindow | null = null): Timeline | null {
  const entries = snapshot.jobs
    .flatMap((job) => timed(job.attempts).map((attempt) => entry(attempt, plainText(job.key), snapshot.takenAtMs)))
    .filter(({ startMs, doneMs }) => window === null || (doneMs >= window.fromMs && startMs <= window.toMs));
  if (entries.length === 0) return null;
  const first = entries.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const fromMs = Math.max(first, window?.fromMs ?? first);
  const last = entries.reduce((most, { doneMs }) => Math.max(most, doneMs), fromMs + 1);
  const toMs = Math.max(fromMs + 1, window?.toMs ?? lastRunEndMs(snapshot, last));
  const isIn = ({ createdAtMs: ms }: AttemptSnapshot) => window === null || (ms >= window.fromMs && ms <= window.toMs);
  const left = new LaneLeftovers(snapshot);
  const made = snapshot.jobs.map(({ attempts }) => ({ attempts: attempts.filter(isIn) }));
  return {
    fromMs,
    toMs,
    lanes: [...byLane(entries).values()].map((list) =>
      timelineLane(list, snapshot, { window: { fromMs, toMs }, left }),
    ),
    latency: latencyRows(made),
    phases: phaseRows(made),
    ...repeats(snapshot, isIn),
  };
}

/** A run may go on behind its last attempt, looking for what was lost; one that only looked later made none of it longer. */
function lastRunEndMs({ runs, takenAtMs }: Snapshot, lastMs: number): number {
  const ends = runs.flatMap((run) => (run.startedAtMs > lastMs ? [] : [run.endedAtMs ?? takenAtMs]));
  return ends.reduce((most, end) => Math.max(most, end), lastMs);
}

/** Of an adopted one only the end is known. */
function timed(attempts: readonly AttemptSnapshot[]): AttemptSnapshot[] {
  return attempts.filter(({ adopted }) => !adopted);
}

function byLane(entries: readonly Entry[]): Map<string, Entry[]> {
  const lanes = new Map<string, Entry[]>();
  for (const item of entries) {
    const id = laneId(item.attempt);
    const list = lanes.get(id);
    if (list) list.push(item);
    else lanes.set(id, [item]);
  }
  return lanes;
}

function entry(attempt: AttemptSnapshot, jobKey: string, takenAtMs: number): Entry {
  const endMs = slotEndMs(attempt, takenAtMs);
  const doneMs = Math.max(endMs, attempt.phases?.downloadedAtMs ?? endMs);
  return { attempt, jobKey, startMs: attempt.createdAtMs, endMs, doneMs };
}

function timelineLane(
  entries: Entry[],
  snapshot: Snapshot,
  { window, left }: { readonly window: TimeWindow; readonly left: LaneLeftovers },
): TimelineLane {
  entries.sort((a, b) => a.startMs - b.startMs);
  const first = entries[0]?.attempt;
  const known = snapshot.lanes.find((lane) => first && laneId(lane) === laneId(first));
  const slots = known?.concurrent ?? null;
  const taken = clipped(entries, window);
  const open = openSteps(taken);
  const made = entries.filter(({ startMs }) => startMs >= window.fromMs);
  const most = open.reduce((least, step) => Math.max(least, step.open), 0);
  return {
    lane: plainText(first?.lane ?? ''),
    provider: plainText(first?.provider ?? ''),
    ...packed(entries, window),
    attempts: made.length,
    earlier: entries.length - made.length,
    open,
    slots,
    peakOpen: slots === null ? formatNumber(most) : `${formatNumber(most)} of ${formatNumber(slots)}`,
    used: slots === null ? '–' : `${Math.round(slotUse(taken, slots) * 100)}%`,
    peakCreates: known ? createsText(made, known) : '–',
    rateLimited: made.filter(({ attempt }) => isRateLimited(attempt)).length,
    time: known
      ? laneTime(
          entries.map(({ attempt }) => attempt),
          known,
          { takenAtMs: snapshot.takenAtMs, window, runs: left.runsOf(known, entries.at(-1)?.attempt.runId) },
        )
      : [],
  };
}

/** The part of each that lies in the window. */
function clipped(entries: readonly Entry[], { fromMs, toMs }: TimeWindow): Taken[] {
  return entries.flatMap(({ startMs, endMs }) => {
    const taken = { startMs: Math.max(startMs, fromMs), endMs: Math.min(endMs, toMs) };
    return taken.endMs < taken.startMs ? [] : [taken];
  });
}

/** Each bar on the first track that is free. */
function packed(
  entries: readonly Entry[],
  { fromMs, toMs }: TimeWindow,
): { readonly tracks: number; readonly spans: readonly Span[] } {
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  const ends: number[] = [];
  const spans = entries.flatMap((item) => {
    const free = ends.findIndex((end) => end <= item.startMs);
    const track = free === -1 ? ends.length : free;
    ends[track] = item.doneMs;
    return spansOf(item, track, share);
  });
  return { tracks: ends.length, spans };
}

function createsText(entries: readonly Entry[], lane: LaneSnapshot): string {
  const sent = entries.flatMap(({ attempt }) => attempt.sentAtMs ?? []);
  const most = mostCreates(sent, lane.perMs);
  return `${formatNumber(most)} of ${formatNumber(lane.creates)} in ${formatPeriod(lane.perMs)}`;
}

const TROUBLE: readonly AttemptSnapshot['state'][] = ['failed', 'refused', 'lost', 'uncertain', 'abandoned'];

function spansOf({ attempt, jobKey, startMs, endMs }: Entry, track: number, share: (ms: number) => number): Span[] {
  const span = (kind: SpanKind, fromMs: number, toMs: number): Span => ({
    kind,
    track,
    jobKey,
    fromMs,
    toMs,
    from: share(fromMs),
    to: share(toMs),
  });
  if (TROUBLE.includes(attempt.state)) return [span('trouble', startMs, endMs)];
  const seen = phaseTimes(attempt).flatMap(({ phase, fromMs, toMs }) =>
    phase === 'upload' || phase === 'place' || toMs === fromMs ? [] : [span(phase, fromMs, toMs)],
  );
  return attempt.endedAtMs === null ? [...seen, ...openSpan(attempt, endMs, span)] : seen;
}

/** What an attempt is at in this moment has no end yet. */
function openSpan(
  { acceptedAtMs, createdAtMs, phases }: AttemptSnapshot,
  endMs: number,
  span: (kind: SpanKind, fromMs: number, toMs: number) => Span,
): Span[] {
  if (acceptedAtMs === null) return endMs > createdAtMs ? [span('send', createdAtMs, endMs)] : [];
  return [span('work', phases?.runningAtMs ?? acceptedAtMs, endMs)];
}

/**
 * What had to be tried again, by attempts of which `isIn` holds. A create that was refused for its rate bought nothing, so
 * that the next one is no retry; nor is one after a video that came through, which somebody wanted otherwise.
 */
function repeats({ jobs }: Snapshot, isIn: (attempt: AttemptSnapshot) => boolean) {
  let retries = 0;
  let failovers = 0;
  for (const { attempts } of jobs) {
    const tried = timed(attempts).filter((attempt) => !isRateLimited(attempt));
    for (const [index, attempt] of tried.entries()) {
      const before = tried[index - 1];
      if (!before || before.state === 'completed' || !isIn(attempt)) continue;
      if (before.route === attempt.route) retries += 1;
      else failovers += 1;
    }
  }
  return { retries, failovers };
}
