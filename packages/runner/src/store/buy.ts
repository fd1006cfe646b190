import { randomUUID } from 'node:crypto';
import type { BudgetSettings, Refusal, RouteChoice } from '@localize/core';
import { LanePlaces } from '../lanes/admission.js';
import type { Lane } from '../lanes/lane.js';
import { steadyWallMs } from './clock/wall-ahead.js';
import type { Journal } from './journal.js';
import type { Prices } from './money/accepted-prices.js';
import { type Reservation, reserveMoney } from './money/reserve-money.js';
import { NOTHING_YET } from './new-attempt.js';
import { takeBackUnwanted, type Unwanted } from './review/unwanted-remake.js';
import { findRow } from './rows.js';
import { batches, jobs } from './schema/schema.js';
import type { StoredRequest } from './schema/stored-types.js';
import type { AttemptRow } from './store.js';
import { takeWhatIsBought } from './twins/already-bought.js';
import { attemptAhead } from './twins/twins.js';

export interface Purchase {
  readonly batchId: number;
  readonly jobId: number;
  readonly lane: Lane;
  readonly keyHash: string;
  readonly choice: RouteChoice;
  readonly request: StoredRequest;
  readonly fingerprint: string;
  /** Results with these fingerprints serve the job as well. */
  readonly preferred: readonly string[];
  readonly stagingAtMs: number;
  readonly stagedAtMs: number;
  readonly timeoutMs: number;
  readonly budget: BudgetSettings;
  /** The batch's own. */
  readonly prices: Prices;
  /** The user has videos made again that a reviewer approved, too. */
  readonly includeApproved: boolean;
}

type Reserved = Extract<Reservation, { outcome: 'reserved' }>;

export type BuyResult =
  | { readonly outcome: 'intended'; readonly attempt: AttemptRow }
  | { readonly outcome: 'wait'; readonly admission: Refusal }
  | Exclude<Reservation, Reserved>
  /** Another job of the batch that is made of the very same is bought already: its result serves both. */
  | { readonly outcome: 'twin'; readonly attemptId: string }
  /** An attempt of the job itself is under way or paid for: the job has moved to where that one is. */
  | { readonly outcome: 'bought' }
  /** Its reviewers want no other video any more, or not this one: the job has its earlier one back. */
  | { readonly outcome: 'unwanted'; readonly why: Unwanted }
  /** The job or the batch moved on under us. */
  | { readonly outcome: 'stale' };

/**
 * The one transaction that buys. It checks who holds the batch, the job's state, that neither the job nor one
 * made of the same is bought already, that no reviewer has spoken against it since, the lane's window and open count, and the budget; then it inserts the intended attempt, which is itself
 * the reservation of all of them. Once it is committed, the intent is on disk, and only then may a byte of the POST leave.
 * Inside a caller's transaction, several purchases are committed together, each seeing those before it.
 */
export function buy(journal: Journal, purchase: Purchase): BuyResult {
  const { store, clock, runId } = journal;
  return journal.transact((): BuyResult => {
    const now = clock.nowMs();
    const batch = journal.once(`batch ${purchase.batchId}`, () =>
      findRow(store, batches, 'WHERE id = ?', purchase.batchId),
    );
    const job = findRow(store, jobs, 'WHERE id = ?', purchase.jobId);
    if (batch?.holderRunId !== runId || job?.state !== 'staging') return { outcome: 'stale' };
    if (job.planned.choices[job.choice]?.route !== purchase.choice.route) return { outcome: 'stale' };
    const { fingerprint, preferred } = purchase;
    const fingerprints = [fingerprint, ...preferred];
    if (takeWhatIsBought(journal, job, fingerprints)) return { outcome: 'bought' };
    const why = takeBackUnwanted(journal, job, purchase.includeApproved);
    if (why !== null) return { outcome: 'unwanted', why };
    const attemptId = attemptAhead(store, { ...purchase, fingerprints });
    if (attemptId !== null) return { outcome: 'twin', attemptId };
    const { lane, batchId } = purchase;
    const places = journal.once(`places of lane ${lane.id}`, () => new LanePlaces(store, { lane, batchId }));
    const admission = places.look(now);
    if (!admission.admitted) return { outcome: 'wait', admission };
    const wallMs = steadyWallMs(store, { nowMs: now, wallMs: clock.wallMs() });
    const reservation = reserveMoney(store, purchase, job, { runId, nowMs: now, wallMs });
    if (reservation.outcome !== 'reserved') return reservation;
    const attempt = journal.intend(intentRow(purchase, reservation, runId, { nowMs: now, wallMs }));
    places.take();
    journal.moveJob(job, 'buy', { attemptId: attempt.id, asPlanned: true, failure: null });
    return { outcome: 'intended', attempt };
  });
}

function intentRow(
  purchase: Purchase,
  money: Reserved,
  runId: string | null,
  { nowMs: now, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): AttemptRow {
  const { lane, choice } = purchase;
  return {
    id: randomUUID(),
    jobId: purchase.jobId,
    runId,
    route: choice.route,
    provider: choice.provider,
    laneId: lane.id,
    laneDisplay: lane.display,
    keyHash: purchase.keyHash,
    state: 'intended',
    fingerprint: purchase.fingerprint,
    request: purchase.request,
    estimateMicros: money.estimateMicros,
    reservedMicros: money.reservedMicros,
    billedMicros: null,
    costSource: 'none',
    predictionId: null,
    reference: null,
    stagingAt: purchase.stagingAtMs,
    stagedAt: purchase.stagedAtMs,
    intendedAt: now,
    sentAt: now,
    slotUntil: now + purchase.timeoutMs,
    // At the end: V8 takes forty times as long for an object that begins with a copy and grows.
    ...NOTHING_YET,
    wallAhead: wallMs - now,
  };
}
