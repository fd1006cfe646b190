import { randomUUID } from 'node:crypto';
import {
  type BudgetCap,
  type BudgetSettings,
  covers,
  type Micros,
  type Refusal,
  type RouteChoice,
  withMargin,
} from '@localize/core';
import { admit } from '../lanes/admission.js';
import type { Lane } from '../lanes/lane.js';
import type { Journal } from './journal.js';
import { findRow } from './rows.js';
import { batches, jobs } from './schema.js';
import { shortOfBudget } from './spending.js';
import type { AttemptRow, JobRow } from './store.js';
import type { StoredRequest } from './stored-types.js';

export interface Purchase {
  readonly batchId: number;
  readonly jobId: number;
  readonly lane: Lane;
  readonly keyHash: string;
  readonly choice: RouteChoice;
  readonly request: StoredRequest;
  readonly fingerprint: string;
  readonly stagingAtMs: number;
  readonly stagedAtMs: number;
  readonly timeoutMs: number;
  readonly budget: BudgetSettings;
}

export type BuyResult =
  | { readonly outcome: 'intended'; readonly attempt: AttemptRow }
  | { readonly outcome: 'wait'; readonly admission: Refusal }
  /** `neededMicros`: how far the cap falls short; `null` when the price is unknown. */
  | { readonly outcome: 'over-budget'; readonly neededMicros: Micros | null; readonly cap: BudgetCap }
  /** The job or the batch moved on under us. */
  | { readonly outcome: 'stale' };

/**
 * The one transaction that buys (design §4). It checks who holds the batch, the job's state, the lane's window and open
 * count, and the budget; then it inserts the intended attempt, which is itself the reservation of all of them. When it
 * returns, the intent is on disk, and only then may a byte of the POST leave.
 */
export function buy(journal: Journal, purchase: Purchase): BuyResult {
  const { store, clock, runId } = journal;
  return journal.transact((): BuyResult => {
    const now = clock.nowMs();
    const batch = findRow(store, batches, 'WHERE id = ?', purchase.batchId);
    const job = findRow(store, jobs, 'WHERE id = ?', purchase.jobId);
    if (batch?.holderRunId !== runId || job?.state !== 'staging') return { outcome: 'stale' };
    const admission = admit(store, purchase.lane, now);
    if (!admission.admitted) return { outcome: 'wait', admission };
    const reservation = reserveMoney(journal, purchase, job, now);
    if ('outcome' in reservation) return reservation;
    const attempt = journal.intend(intentRow(purchase, reservation.micros, runId, now));
    journal.moveJob(job, 'buy', { attemptId: attempt.id, failure: null });
    return { outcome: 'intended', attempt };
  });
}

/** What the purchase takes up under the caps; `null` where no cap covers it. */
function reserveMoney(
  { store, runId }: Journal,
  { batchId, budget, choice }: Purchase,
  { planned: { language, labels } }: JobRow,
  nowMs: number,
): { readonly micros: Micros | null } | Extract<BuyResult, { outcome: 'over-budget' }> {
  const spender = { provider: choice.provider, language, labels };
  const caps = budget.caps.filter((each) => covers(each, spender));
  const [first] = caps;
  if (first === undefined) return { micros: null };
  if (choice.estimate.micros === null) return { outcome: 'over-budget', neededMicros: null, cap: first };
  const reserved = withMargin(choice.estimate.micros, budget.marginPercent);
  const { micros, cap } = shortOfBudget(store, caps, reserved, { batchId, runId, nowMs });
  return cap === null ? { micros: reserved } : { outcome: 'over-budget', neededMicros: micros, cap };
}

function intentRow(purchase: Purchase, reservedMicros: Micros | null, runId: string | null, now: number): AttemptRow {
  const { lane, choice } = purchase;
  return {
    id: randomUUID(),
    jobId: purchase.jobId,
    runId,
    part: 1,
    route: choice.route,
    provider: choice.provider,
    laneId: lane.id,
    laneDisplay: lane.display,
    keyHash: purchase.keyHash,
    state: 'intended',
    fingerprint: purchase.fingerprint,
    request: purchase.request,
    estimateMicros: choice.estimate.micros,
    reservedMicros,
    quotedMicros: null,
    billedMicros: null,
    costSource: 'none',
    predictionId: null,
    reference: null,
    stagingAt: purchase.stagingAtMs,
    stagedAt: purchase.stagedAtMs,
    intendedAt: now,
    sentAt: now,
    repliedAt: null,
    acceptedAt: null,
    runningAt: null,
    endedAt: null,
    downloadAt: null,
    downloadedAt: null,
    slotUntil: now + purchase.timeoutMs,
    pollAt: null,
    polls: 0,
    missing: 0,
    missingSince: null,
    unknownStatus: null,
    searches: 0,
    searchAt: null,
    outputUrl: null,
    seed: null,
    failure: null,
  };
}
