import { randomUUID } from 'node:crypto';
import type { BudgetSettings, Micros, Refusal, RouteChoice } from '@localize/core';
import { admit } from '../lanes/admission.js';
import type { Lane } from '../lanes/lane.js';
import type { Journal } from './journal.js';
import { prepared } from './prepared.js';
import { findRow } from './rows.js';
import { batches, jobs } from './schema.js';
import type { AttemptRow, Store } from './store.js';
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
  /** `neededMicros`: how far the caps fall short; `null` when the price is unknown under a cap. */
  | { readonly outcome: 'over-budget'; readonly neededMicros: Micros | null }
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
    const short = missingBudget(store, purchase, now);
    if (short !== 0) return { outcome: 'over-budget', neededMicros: short };
    const attempt = journal.intend(intentRow(purchase, runId, now));
    journal.moveJob(job, 'buy', { attemptId: attempt.id, failure: null });
    return { outcome: 'intended', attempt };
  });
}

function intentRow(purchase: Purchase, runId: string | null, now: number): AttemptRow {
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

/** By how much the tightest cap falls short of one more attempt; 0 when all hold, `null` when that cannot be known. */
function missingBudget(store: Store, purchase: Purchase, now: number): Micros | null {
  const { budget } = purchase;
  const caps = [
    { cap: budget.maxMicros, spent: () => spentMicros(store, purchase.batchId, 0) },
    { cap: budget.perDayMicros, spent: () => spentMicros(store, null, startOfDay(now)) },
    { cap: budget.perMonthMicros, spent: () => spentMicros(store, null, startOfMonth(now)) },
  ];
  let short = 0;
  for (const { cap, spent } of caps) {
    if (cap === null) continue;
    const estimate = purchase.choice.estimate.micros;
    if (estimate === null) return null;
    const reserved = Math.ceil((estimate * (100 + budget.marginPercent)) / 100);
    short = Math.max(short, spent() + reserved - cap);
  }
  return short;
}

/**
 * Billed, plus the estimates of what is in flight or at risk. A refused attempt cost nothing; a failed one without a
 * bill counts as its estimate, since it may have been charged.
 */
function spentMicros(store: Store, batchId: number | null, since: number): Micros {
  const row = prepared<[number, number | null, number | null], { total: number | null }>(
    store,
    `SELECT sum(coalesce(a.billed_micros, a.quoted_micros, a.estimate_micros, 0)) AS total
       FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE a.state <> 'refused' AND a.intended_at >= ? AND (? IS NULL OR j.batch_id = ?)`,
  ).get(since, batchId, batchId);
  return row?.total ?? 0;
}

function startOfDay(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

function startOfMonth(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), 1).getTime();
}
