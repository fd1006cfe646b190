import { type AttemptSnapshot, type CostSource, type Micros, type PlannedJob, parseUsd } from '@localize/core';
import type { Sidecar } from '../../content/sidecar.js';
import { prepared } from '../prepared.js';
import { findRow, findRows, insertRow } from '../rows.js';
import { adoptedPredictions } from '../schema/schema.js';
import type { Store } from '../store.js';
import { type Bill, rememberPrice } from './seen-prices.js';

type AdoptedRow = typeof adoptedPredictions.$inferSelect;

/** Shown where a lane's name would be: the sidecar does not tell which key paid. */
const ADOPTED_LANE = 'adopted';

/**
 * Counts what was paid for a result that this state did not buy, once, whichever of its copies it is met by. A prediction
 * that an attempt of this state owns is counted there. The caller holds the transaction.
 * @param jobId whose money it is
 * @returns whether it is counted by this, and of an amount that nobody knows
 */
export function countAdopted(store: Store, jobId: number, sidecar: Sidecar, nowMs: number): boolean {
  if (isInBooks(store, sidecar)) return false;
  const prediction = predictionOf(sidecar, nowMs);
  const id = adoptedId(prediction, sidecar);
  insertRow(store, adoptedPredictions, { id, jobId, fingerprint: sidecar.fingerprint, ...prediction });
  return prediction.billedMicros === null && prediction.estimateMicros === null;
}

/**
 * Learns from what a provider billed for such a result what its route costs, where only a minimum is published. The caller
 * holds the transaction.
 * @param planned the job that it was made for, as the manifest has it now
 */
export function learnFromAdopted(store: Store, planned: PlannedJob, sidecar: Sidecar, nowMs: number): void {
  const bill = adoptedBill(planned, sidecar, nowMs);
  if (bill !== null) rememberPrice(store, bill.choice, bill.micros, bill.durationMs);
}

/**
 * What a provider itself has billed for a result that this state did not buy.
 * @returns `null` where the provider said nothing, or the job's routes are others by now
 */
export function adoptedBill({ choices }: PlannedJob, sidecar: Sidecar, nowMs: number): Bill | null {
  const { route, billedMicros, costSource } = predictionOf(sidecar, nowMs);
  const choice = choices.find((each) => each.route === route);
  if (choice === undefined || billedMicros === null || costSource !== 'provider') return null;
  // The manifest may have another track by now: of what was made, its own length tells.
  const durationMs = Math.round(sidecar.duration_seconds * 1000);
  // A sidecar lies where anybody can write.
  const isSane = durationMs > 0 && Number.isSafeInteger(billedMicros * 1000);
  return isSane ? { choice, micros: billedMicros, durationMs } : null;
}

/** Whether the state counts what was paid for it. */
export function isInBooks(store: Store, sidecar: Sidecar): boolean {
  // Whenever it was made.
  const prediction = predictionOf(sidecar, 0);
  if (isOwnPrediction(store, prediction.provider, prediction.predictionId)) return true;
  return isAdopted(store, adoptedId(prediction, sidecar));
}

/** Under which id a result that was paid for before is counted: the same for all copies of it. */
export function adoptedId({ provider, predictionId }: AdoptedPrediction, { sha256 }: Sidecar): string {
  return predictionId === null ? `sha256 ${sha256}` : `${provider} ${predictionId}`;
}

function isAdopted(store: Store, id: string): boolean {
  return prepared<[string], unknown>(store, 'SELECT 1 FROM adopted_predictions WHERE id = ?').get(id) !== undefined;
}

/** Whether an attempt of this state has the prediction. */
export function isOwnPrediction(store: Store, provider: string, predictionId: string | null): boolean {
  if (predictionId === null) return false;
  const row = prepared<[string, string, string], unknown>(
    store,
    `SELECT 1 FROM attempts WHERE provider = ? AND lane_id IN (SELECT id FROM lanes WHERE provider = ?)
       AND prediction_id = ?`,
  ).get(provider, provider, predictionId);
  return row !== undefined;
}

/** A prediction that was paid for before the state was lost, as its sidecar or {@link countAdopted} has kept it. */
export type AdoptedPrediction = Pick<
  AdoptedRow,
  'route' | 'provider' | 'predictionId' | 'estimateMicros' | 'expectedMicros' | 'billedMicros' | 'costSource' | 'madeAt'
>;

/** What an adopted result with this fingerprint was made by: the job's own, or any other's. */
export function adoptedFor(store: Store, jobId: number, fingerprint: string): AdoptedRow | undefined {
  const where = 'WHERE fingerprint = ? AND prediction_id IS NOT NULL ORDER BY job_id = ? DESC LIMIT 1';
  return findRow(store, adoptedPredictions, where, fingerprint, jobId);
}

/** The same from a sidecar. */
export function predictionOf(sidecar: Sidecar, nowMs: number): AdoptedPrediction {
  const { route, prediction_id: predictionId } = sidecar;
  const billedMicros = microsOf(sidecar.cost_usd);
  return {
    route,
    provider: String(route).split('/')[0] ?? '',
    predictionId,
    estimateMicros: microsOf(sidecar.estimate_usd),
    expectedMicros: null,
    billedMicros,
    costSource: billedMicros === null ? 'none' : costSourceOf(sidecar),
    madeAt: madeAt(sidecar, nowMs),
  };
}

/** Called once an attempt of this state has the prediction: that one alone counts. */
export function forgetAdopted(store: Store, { provider, predictionId }: AdoptedPrediction): void {
  prepared<[string], unknown>(store, 'DELETE FROM adopted_predictions WHERE id = ?').run(`${provider} ${predictionId}`);
}

/** What was adopted for some jobs, by the job's id, as the attempts that they were. */
export function readAdopted(store: Store, jobIds: readonly number[]): ReadonlyMap<number, readonly AttemptSnapshot[]> {
  const found = new Map<number, AttemptSnapshot[]>();
  const ofJobs = 'WHERE job_id IN (SELECT value FROM json_each(?)) ORDER BY made_at, id';
  for (const row of findRows(store, adoptedPredictions, ofJobs, JSON.stringify(jobIds))) {
    found.set(row.jobId, [...(found.get(row.jobId) ?? []), toAttempt(row)]);
  }
  return found;
}

function toAttempt(row: AdoptedRow): AttemptSnapshot {
  const { id, route, provider, predictionId, billedMicros, costSource, madeAt: atMs } = row;
  return {
    id,
    adopted: true,
    runId: null,
    route,
    provider,
    lane: ADOPTED_LANE,
    state: 'completed',
    predictionId,
    estimateMicros: row.estimateMicros,
    ...(row.expectedMicros !== null && { expectedMicros: row.expectedMicros }),
    billedMicros,
    costSource,
    failure: null,
    createdAtMs: atMs,
    sentAtMs: null,
    acceptedAtMs: null,
    endedAtMs: atMs,
  };
}

/** A sidecar lies where anybody can write: what is no amount is unknown. */
function microsOf(usd: unknown): Micros | null {
  try {
    return typeof usd === 'string' ? parseUsd(usd) : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function costSourceOf({ cost_source: source }: Sidecar): CostSource {
  return source === 'provider' ? 'provider' : 'price';
}

/** One that says nothing of it, or lies in the future, counts as made now: today's caps then count it. */
function madeAt({ made_at: text }: Sidecar, nowMs: number): number {
  const atMs = Date.parse(text ?? '');
  return Number.isNaN(atMs) ? nowMs : Math.min(atMs, nowMs);
}
