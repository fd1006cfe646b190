import { type AttemptSnapshot, type CostSource, type Micros, parseUsd } from '@localize/core';
import type { Sidecar } from '../step/sidecar.js';
import { prepared } from './prepared.js';
import { findRows, insertRow } from './rows.js';
import { adoptedPredictions } from './schema.js';
import type { Store } from './store.js';

type AdoptedRow = typeof adoptedPredictions.$inferSelect;

/** Shown where a lane's name would be: the sidecar does not tell which key paid. */
const ADOPTED_LANE = 'adopted';

/**
 * Counts what was paid for a result that this state did not buy, once, whichever of its copies it is met by. A prediction
 * that an attempt of this state owns is counted there. The caller holds the transaction.
 * @param jobId whose money it is
 */
export function countAdopted(store: Store, jobId: number, sidecar: Sidecar, nowMs: number): void {
  const { route, prediction_id: predictionId } = sidecar;
  const provider = String(route).split('/')[0] ?? '';
  if (isOwnPrediction(store, provider, predictionId)) return;
  const id = predictionId === null ? `sha256 ${sidecar.sha256}` : `${provider} ${predictionId}`;
  const known = prepared<[string], unknown>(store, 'SELECT 1 FROM adopted_predictions WHERE id = ?').get(id);
  if (known !== undefined) return;
  const billedMicros = microsOf(sidecar.cost_usd);
  insertRow(store, adoptedPredictions, {
    id,
    jobId,
    route,
    provider,
    predictionId,
    estimateMicros: microsOf(sidecar.estimate_usd),
    billedMicros,
    costSource: billedMicros === null ? 'none' : costSourceOf(sidecar),
    madeAt: madeAt(sidecar, nowMs),
  });
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
  const { id, route, provider, predictionId, estimateMicros, billedMicros, costSource, madeAt: atMs } = row;
  return {
    id,
    adopted: true,
    runId: null,
    route,
    provider,
    lane: ADOPTED_LANE,
    state: 'completed',
    predictionId,
    estimateMicros,
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
function microsOf(usd: string | null | undefined): Micros | null {
  try {
    return usd === null || usd === undefined ? null : parseUsd(usd);
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
