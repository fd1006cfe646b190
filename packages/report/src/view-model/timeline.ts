import { type AttemptSnapshot, plainText, type Snapshot } from '@localize/core';
import { formatNumber } from './format.js';
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

/** Every attempt by lane, packed on as few tracks as they need, with how full each lane was. */
export function buildTimeline(snapshot: Snapshot): Timeline | null {
  const entries = snapshot.jobs.flatMap((job) =>
    job.attempts.map((attempt) => entry(attempt, plainText(job.key), snapshot.takenAtMs)),
  );
  if (entries.length === 0) return null;
  const fromMs = entries.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
  const toMs = entries.reduce((most, { endMs }) => Math.max(most, endMs), fromMs + 1);
  const byLane = new Map<string, Entry[]>();
  for (const item of entries) {
    const id = laneId(item.attempt);
    const list = byLane.get(id);
    if (list) list.push(item);
    else byLane.set(id, [item]);
  }
  return {
    fromMs,
    toMs,
    lanes: [...byLane.values()].map((list) => timelineLane(list, snapshot, fromMs, toMs)),
    latency: latencyRows(snapshot.jobs),
    ...repeats(snapshot),
  };
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

function timelineLane(entries: Entry[], snapshot: Snapshot, fromMs: number, toMs: number): TimelineLane {
  entries.sort((a, b) => a.startMs - b.startMs);
  const share = (ms: number) => (ms - fromMs) / (toMs - fromMs);
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
    used: limit === null ? '–' : `${Math.round(Math.min(1, slotUse(entries, limit)) * 100)}%`,
    rateLimited: known?.rateLimited ?? 0,
  };
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

/** Time that slots were taken, over the time that the lane had any work times its slots. */
function slotUse(entries: readonly Entry[], limit: number): number {
  let taken = 0;
  let busy = 0;
  let busyUntil = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of entries) {
    taken += endMs - startMs;
    busy += Math.max(0, endMs - Math.max(startMs, busyUntil));
    busyUntil = Math.max(busyUntil, endMs);
  }
  return busy === 0 ? 0 : taken / (busy * limit);
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
