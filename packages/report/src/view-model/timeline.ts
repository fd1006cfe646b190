import { type AttemptSnapshot, type LaneSnapshot, plainText, type Snapshot } from '@localize/core';
import { formatDuration, formatNumber } from './format.js';
import { mostCreates, slotUse } from './lane-use.js';
import { type LatencyRow, latencyRows } from './latency.js';

export type SpanKind = 'queue' | 'process' | 'trouble';

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
  readonly attempts: number;
  /** `8 of 10`: the most attempts that were open at once, of the limit. */
  readonly peakOpen: string;
  /** `62%`: how much of its slots the lane used while it had work; `–` without a limit. */
  readonly used: string;
  /** `5 of 5 in 60 s`: the most creates within the lane's window, of its limit. */
  readonly peakCreates: string;
  readonly rateLimited: number;
}

export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lanes: readonly TimelineLane[];
  readonly latency: readonly LatencyRow[];
  readonly retries: number;
  readonly failovers: number;
}

interface Entry {
  readonly attempt: AttemptSnapshot;
  readonly jobKey: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The time that a timeline shows. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Every attempt by lane, packed on as few tracks as they need, with how full each lane was; all time without a window. */
export function buildTimeline(snapshot: Snapshot, window: TimeWindow | null = null): Timeline | null {
  const entries = snapshot.jobs
    .flatMap((job) => job.attempts.map((attempt) => entry(attempt, plainText(job.key), snapshot.takenAtMs)))
    .filter(({ startMs, endMs }) => window === null || (endMs >= window.fromMs && startMs <= window.toMs));
  if (entries.length === 0) return null;
  const first = entries.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const fromMs = Math.max(first, window?.fromMs ?? first);
  const last = entries.reduce((most, { endMs }) => Math.max(most, endMs), fromMs + 1);
  const toMs = Math.max(fromMs + 1, Math.min(last, window?.toMs ?? last));
  return {
    fromMs,
    toMs,
    lanes: [...byLane(entries).values()].map((list) => timelineLane(list, snapshot, { fromMs, toMs })),
    latency: latencyRows(snapshot.jobs),
    ...repeats(snapshot),
  };
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
  const startMs = attempt.createdAtMs;
  return { attempt, jobKey, startMs, endMs: Math.max(startMs, attempt.endedAtMs ?? lastKnownMs(attempt, takenAtMs)) };
}

/** An attempt that is accepted goes on until this moment; of one in doubt nothing is known after it was sent. */
function lastKnownMs(attempt: AttemptSnapshot, takenAtMs: number): number {
  if (attempt.state === 'accepted' || attempt.state === 'intended') return takenAtMs;
  return attempt.acceptedAtMs ?? attempt.sentAtMs ?? attempt.createdAtMs;
}

function laneId({ provider, lane }: { readonly provider: string; readonly lane: string }): string {
  return `${provider} ${lane}`;
}

function timelineLane(entries: Entry[], snapshot: Snapshot, { fromMs, toMs }: TimeWindow): TimelineLane {
  entries.sort((a, b) => a.startMs - b.startMs);
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs)));
  const ends: number[] = [];
  const spans = entries.flatMap((item) => {
    const free = ends.findIndex((end) => end <= item.startMs);
    const track = free === -1 ? ends.length : free;
    ends[track] = item.endMs;
    return spansOf(item, track, share);
  });
  const first = entries[0]?.attempt;
  const known = snapshot.lanes.find((lane) => first && laneId(lane) === laneId(first));
  const limit = known?.concurrent ?? null;
  return {
    lane: plainText(first?.lane ?? ''),
    provider: first?.provider ?? '',
    tracks: ends.length,
    spans,
    attempts: entries.length,
    peakOpen: limit === null ? formatNumber(ends.length) : `${formatNumber(ends.length)} of ${formatNumber(limit)}`,
    used: limit === null ? '–' : `${Math.round(slotUse(entries, limit) * 100)}%`,
    peakCreates: known ? createsText(entries, known) : '–',
    rateLimited: known?.rateLimited ?? 0,
  };
}

function createsText(entries: readonly Entry[], lane: LaneSnapshot): string {
  const sent = entries.flatMap(({ attempt }) => attempt.sentAtMs ?? []);
  const most = mostCreates(sent, lane.perMs);
  return `${formatNumber(most)} of ${formatNumber(lane.creates)} in ${formatDuration(lane.perMs)}`;
}

function spansOf({ attempt, jobKey, startMs, endMs }: Entry, track: number, share: (ms: number) => number): Span[] {
  const begin = Math.min(attempt.acceptedAtMs ?? endMs, endMs);
  const bad = attempt.state === 'failed' || attempt.state === 'refused' || attempt.state === 'lost';
  const doubt = attempt.state === 'uncertain' || attempt.state === 'abandoned';
  const span = (kind: SpanKind, fromMs: number, toMs: number): Span => ({
    kind,
    track,
    jobKey,
    fromMs,
    toMs,
    from: share(fromMs),
    to: share(toMs),
  });
  if (bad || doubt) return [span('trouble', startMs, endMs)];
  return [span('queue', startMs, begin), span('process', begin, endMs)].filter(({ fromMs, toMs }) => toMs > fromMs);
}

function repeats(snapshot: Snapshot): { retries: number; failovers: number } {
  let retries = 0;
  let failovers = 0;
  for (const { attempts } of snapshot.jobs) {
    for (const [index, attempt] of attempts.entries()) {
      const before = attempts[index - 1];
      if (!before) continue;
      if (before.route === attempt.route) retries += 1;
      else failovers += 1;
    }
  }
  return { retries, failovers };
}
