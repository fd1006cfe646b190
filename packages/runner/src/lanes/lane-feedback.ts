import {
  type BackoffPolicy,
  backoffMs,
  type Failure,
  OUTAGE_DOUBTS,
  type PauseCause,
  RETRY_BACKOFF,
} from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { wallTimeOf } from '../clock.js';
import type { Journal } from '../store/journal.js';
import { recordCeiling } from '../store/lane-ceilings.js';
import { beginStop, endStop, recordPause } from '../store/lane-stops.js';
import { updateRows } from '../store/rows.js';
import { jobs, lanes } from '../store/schema.js';
import type { LaneRow } from '../store/store.js';
import type { RefusedKey } from '../store/stored-types.js';
import { type Lane, laneLimits, type OpenKey } from './lane.js';
import { isSetAside } from './lane-keys.js';
import { laneRow } from './lane-row.js';

/** What a reply teaches about its lane. Learned things live in the row, so that a restart knows them too. */

/** What a lane believes of its window may be wrong: the provider's own may be a minute where the lane's is a second. */
const LONGEST_UNSAID_PAUSE_MS = 30_000;
/** A single connection that fails is nobody's business. */
const TELL_UNREACHED = 2;
/** A key that is refused to looks for less than this may be met by a slip of the provider. */
const PASSING_REFUSAL_MS = 10_000;
const OUTAGE_BACKOFF = { firstMs: 30_000, maximumMs: 600_000 };

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
  { sentAt, random, policy = OUTAGE_BACKOFF }: { sentAt: number; random: number; policy?: BackoffPolicy | undefined },
): void {
  const row = laneRow(journal.store, lane);
  if (row.doubts >= OUTAGE_DOUBTS && hadLeftBefore(row, sentAt)) return;
  const doubts = row.doubts + 1;
  const pause = doubts < OUTAGE_DOUBTS ? 0 : policy.firstMs + backoffMs(doubts - 1, policy, random);
  const untilMs = journal.clock.nowMs() + Math.min(pause, policy.maximumMs);
  updateRows(journal.store, lanes, { doubts, ...pausedTo(journal, row, untilMs, 'uncertain') }, { id: lane.id });
  if (pause > 0) {
    const why = `${doubts} creates in a row got no clear reply`;
    tellPaused(journal, lane, untilMs, why);
  }
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

/** The balance is empty: no create until a person has helped; said once. */
export function laneClosed(journal: Journal, lane: Lane, { kind, message }: Failure): void {
  if (laneRow(journal.store, lane).closed === null) close(journal, lane, `${kind}: ${message}`);
}

function close(journal: Journal, lane: Lane, why: string): void {
  updateRows(journal.store, lanes, { closed: why }, { id: lane.id });
  beginStop(journal.store, lane.id, { cause: 'closed', batchId: null, atMs: journal.clock.wallMs() });
  journal.tell({ type: 'lane:closed', lane: lane.display, why });
}

/**
 * A key was refused. The lane's other keys take its work; without one, no create leaves until a person has helped. Said
 * once. A create that is refused proves it, or the upload of a file for it. One look that is refused may be a slip of the provider, so the last key is
 * given up for looks only when they were refused for a while.
 * @returns whether another key is left to ask with
 */
export function keyRefused(
  journal: Journal,
  lane: Lane,
  { key, failure, by }: { key: OpenKey; failure: Failure; by: RefusedKey['by'] },
): boolean {
  const row = laneRow(journal.store, lane);
  const nowMs = journal.clock.nowMs();
  const { hash, variable } = key;
  const rest = (row.refusedKeys ?? []).filter((each) => each.hash !== hash);
  const known = row.refusedKeys?.find((each) => each.hash === hash);
  const others = lane.keys.filter((each) => each !== key && !isSetAside(row, each));
  if (known?.isSetAside && (known.by === 'create' || by === 'look')) return others.length > 0;
  const sinceMs = Math.min(known?.sinceMs ?? nowMs, nowMs);
  const setAside = by === 'create' || others.length > 0 || nowMs - sinceMs >= PASSING_REFUSAL_MS;
  const why = `${failure.kind}: ${failure.message}`;
  const refused: RefusedKey = { hash, variable, why, sinceMs, by, isSetAside: setAside };
  updateRows(journal.store, lanes, { refusedKeys: [...rest, refused] }, { id: lane.id });
  if (!setAside || known?.isSetAside) return others.length > 0;
  if (others.length > 0) journal.tell({ type: 'lane:closed', lane: lane.display, key: variable, why });
  else if (row.closed === null) close(journal, lane, whyAll(lane, failure));
  return others.length > 0;
}

function whyAll({ keys }: Lane, { kind, message }: Failure): string {
  const names = keys.map(({ variable }) => variable).join(' and ');
  return keys.length === 1 ? `${kind}: ${message}` : `${kind}: ${names} are refused: ${message}`;
}

/** A look was answered: a key that only looks were refused is good again, and so is a lane that was closed for it. */
export function keyAnswered(journal: Journal, lane: Lane, key: OpenKey, batchId: number | null): void {
  const { refusedKeys, closed } = laneRow(journal.store, lane);
  const known = refusedKeys?.find(({ hash }) => hash === key.hash);
  if (known?.by !== 'look') return;
  const rest = (refusedKeys ?? []).filter((each) => each !== known);
  updateRows(journal.store, lanes, { refusedKeys: rest.length > 0 ? rest : null }, { id: lane.id });
  if (!known.isSetAside || !closed?.startsWith('auth')) return;
  openAgain(journal, lane);
  if (batchId !== null) takeBackHeld(journal, lane, batchId);
}

/**
 * An attempt of this lane has ended, so money that was reserved for it may be free again: a lane that was closed for
 * payment is worth one more try, and the jobs that were held for it go back.
 */
export function laneSettled(journal: Journal, lane: Lane, batchId: number): void {
  if (!laneRow(journal.store, lane).closed?.startsWith('payment')) return;
  openAgain(journal, lane);
  takeBackHeld(journal, lane, batchId);
}

/** Jobs that were held since their lane was closed. */
function takeBackHeld(journal: Journal, lane: Lane, batchId: number): void {
  const held = journal.store.db
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.batchId, batchId),
        eq(jobs.state, 'held'),
        eq(jobs.holdReason, 'lane-closed'),
        eq(jobs.provider, lane.provider),
      ),
    )
    .all();
  for (const job of held) journal.moveJob(job, 'retry', { failure: null, readyAt: journal.clock.nowMs() });
}

/** A new run that buys tries closed lanes and refused keys again: the person may have helped. */
export function reopenLane(journal: Journal, lane: Lane): void {
  updateRows(journal.store, lanes, { refusedKeys: null }, { id: lane.id });
  openAgain(journal, lane);
}

function openAgain(journal: Journal, lane: Lane): void {
  updateRows(journal.store, lanes, { closed: null }, { id: lane.id });
  endStop(journal.store, lane.id, { cause: 'closed', batchId: null, atMs: journal.clock.wallMs() });
}
