import {
  type BackoffPolicy,
  backoffMs,
  type Failure,
  OUTAGE_DOUBTS,
  type PauseCause,
  RETRY_BACKOFF,
} from '@localize/core';
import { wallTimeOf } from '../clock.js';
import type { Journal } from '../store/journal.js';
import { recordCeiling } from '../store/lanes/lane-ceilings.js';
import { recordPause } from '../store/lanes/lane-stops.js';
import { updateRows } from '../store/rows.js';
import { lanes } from '../store/schema/schema.js';
import type { LaneRow } from '../store/store.js';
import { type Lane, laneLimits } from './lane.js';
import { laneRow } from './lane-row.js';

/** What a reply teaches about its lane. Learned things live in the row, so that a restart knows them too. */

/** What a lane believes of its window may be wrong: the provider's own may be a minute where the lane's is a second. */
const LONGEST_UNSAID_PAUSE_MS = 30_000;
/** A single connection that fails is nobody's business. */
const TELL_UNREACHED = 2;
const OUTAGE_BACKOFF: BackoffPolicy = { firstMs: 30_000, maximumMs: 600_000 };

/**
 * So many times a lowered ceiling's own number of creates must be accepted under it before it rises by one. A ceiling
 * that rose with every create would meet the same 429 with every second one.
 */
const ROUNDS_BEFORE_RISE = 2;

/**
 * A create was accepted: the lane is well again, and a lowered ceiling rises step by step. One that had left before the
 * last 429 came says nothing of what the lane takes since.
 */
export function laneAccepted(journal: Journal, lane: Lane, sentAt: number): void {
  const row = laneRow(journal.store, lane);
  if (hadLeftBefore429(row, sentAt)) return;
  const isWell = row.doubts === 0 && row.throttled === 0 && row.unreached === 0;
  if (isWell && row.learnedConcurrent === null) return;
  const well = { doubts: 0, throttled: 0, unreached: 0, ...raisedCeiling(row, laneLimits(lane, row).concurrent) };
  updateRows(journal.store, lanes, well, { id: lane.id });
  noteCeiling(journal, row, well.learnedConcurrent);
}

function noteCeiling({ store, clock }: Journal, { id, learnedConcurrent }: LaneRow, concurrent: number | null): void {
  if (concurrent !== learnedConcurrent) recordCeiling(store, id, { atMs: clock.wallMs(), concurrent });
}

function raisedCeiling(row: LaneRow, concurrent: number): Pick<LaneRow, 'learnedConcurrent' | 'acceptedSince'> {
  const { learnedConcurrent: learned } = row;
  const acceptedSince = row.acceptedSince + 1;
  if (learned === null) return { learnedConcurrent: null, acceptedSince: 0 };
  if (acceptedSince < ROUNDS_BEFORE_RISE * learned) return { learnedConcurrent: learned, acceptedSince };
  return { learnedConcurrent: learned + 1 >= concurrent ? null : learned + 1, acceptedSince: 0 };
}

/**
 * A 429: wait as asked, longer each time in a row, and lower the ceiling to what was known to be open when it was refused.
 * Creates that were out together are one episode, however many of them are refused, and told once.
 */
export function laneThrottled(
  journal: Journal,
  lane: Lane,
  failure: Failure,
  about: { readonly sentAt: number; readonly openNow: number; readonly random: number },
): void {
  const { sentAt, openNow, random } = about;
  const row = laneRow(journal.store, lane);
  const limits = laneLimits(lane, row);
  const isSameEpisode = hadLeftBefore429(row, sentAt);
  const throttled = isSameEpisode ? row.throttled : row.throttled + 1;
  const policy = { firstMs: 2_000, maximumMs: Math.max(LONGEST_UNSAID_PAUSE_MS, limits.perMs) };
  const jittered = policy.firstMs / 2 + backoffMs(throttled, policy, random);
  const untilMs = journal.clock.nowMs() + Math.max(250, failure.retryAfterMs ?? jittered);
  const learned = openNow > 0 && openNow < limits.concurrent ? openNow : row.learnedConcurrent;
  const counts = { throttled, rateLimited: row.rateLimited + 1, learnedConcurrent: learned, acceptedSince: 0 };
  updateRows(journal.store, lanes, { ...counts, ...pausedTo(journal, row, untilMs, 'rate-limit') }, { id: lane.id });
  noteCeiling(journal, row, learned);
  if (!isSameEpisode) tellPaused(journal, lane, untilMs, `429: ${failure.message}`);
}

/**
 * A create's reply was lost. From the second in a row on, this is an outage: pause longer each time. Creates that were
 * out together when it began are one outage, however many replies of them are lost.
 */
export function laneDoubted(
  journal: Journal,
  lane: Lane,
  { sentAt, random, policy }: { sentAt: number; random: number; policy?: BackoffPolicy | undefined },
): void {
  const row = laneRow(journal.store, lane);
  if (row.doubts >= OUTAGE_DOUBTS && hadLeftBefore(row, sentAt)) return;
  const doubts = row.doubts + 1;
  const pause = outagePauseMs(doubts, random, policy);
  const untilMs = journal.clock.nowMs() + pause;
  updateRows(journal.store, lanes, { doubts, ...pausedTo(journal, row, untilMs, 'uncertain') }, { id: lane.id });
  if (pause > 0) {
    const why = `${doubts} creates in a row got no clear reply`;
    tellPaused(journal, lane, untilMs, why);
  }
}

/**
 * How long an outage is rested out after so many failures in a row. A wait that the server asked for is the least, and after
 * a refusal for the rate, or where the failures are no outage yet, the only one.
 */
export function outagePauseMs(
  failures: number,
  random: number,
  policy: BackoffPolicy = OUTAGE_BACKOFF,
  asked: Pick<Failure, 'kind' | 'retryAfterMs'> | null = null,
): number {
  const askedMs = asked?.retryAfterMs ?? 0;
  if (failures < OUTAGE_DOUBTS) return Math.min(askedMs, policy.maximumMs);
  const ownMs = policy.firstMs + backoffMs(failures - 1, policy, random);
  const isRate = asked?.kind === 'rate-limit' && askedMs > 0;
  return Math.min(isRate ? askedMs : Math.max(ownMs, askedMs), policy.maximumMs);
}

/**
 * A connection could not be made: nothing was sent, so wait a little before the next try, and longer the more often
 * this lane could not be reached in a row.
 */
export function laneUnreachable(
  journal: Journal,
  lane: Lane,
  failure: Failure,
  { sentAt, random }: { sentAt: number; random: number },
): void {
  const row = laneRow(journal.store, lane);
  if (row.unreached > 0 && hadLeftBefore(row, sentAt)) return;
  const unreached = row.unreached + 1;
  const untilMs = journal.clock.nowMs() + Math.max(250, backoffMs(unreached, RETRY_BACKOFF, random));
  updateRows(journal.store, lanes, { unreached, ...pausedTo(journal, row, untilMs, 'unreachable') }, { id: lane.id });
  if (unreached < TELL_UNREACHED) return;
  const why = `${unreached} connections in a row could not be made: ${failure.message}`;
  tellPaused(journal, lane, untilMs, why);
}

function tellPaused(journal: Journal, lane: Lane, untilMs: number, why: string): void {
  journal.tell({ type: 'lane:paused', lane: lane.display, untilMs: wallTimeOf(journal.clock, untilMs), why });
}

function hadLeftBefore429(row: LaneRow, sentAt: number): boolean {
  return row.throttled > 0 && hadLeftBefore(row, sentAt);
}

/** Whether a create had left when the lane's pause began: none leaves during it. */
function hadLeftBefore({ pausedUntil }: LaneRow, sentAt: number): boolean {
  return sentAt < pausedUntil;
}

/** Of two pauses the longer one holds, with its reason. */
function pausedTo(
  { store, clock }: Journal,
  { id, pausedUntil, pausedFor }: LaneRow,
  untilMs: number,
  cause: PauseCause,
): Pick<LaneRow, 'pausedUntil' | 'pausedFor'> {
  if (untilMs <= pausedUntil) return { pausedUntil, pausedFor };
  if (untilMs > clock.nowMs()) {
    recordPause(store, id, { atMs: clock.wallMs(), untilMs: wallTimeOf(clock, untilMs), cause });
  }
  return { pausedUntil: untilMs, pausedFor: cause };
}
