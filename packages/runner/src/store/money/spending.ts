import type { BudgetCap, BudgetPeriod, BudgetScope, CapSpending, Micros } from '@localize/core';
import { prepared } from '../prepared.js';
import { RECOUNT_ADOPTED } from '../schema/adopted-triggers.js';
import { QUARTER_MS, RECOUNT_BATCH } from '../schema/spending-triggers.js';
import type { Store } from '../store.js';

/**
 * For whom the caps are asked: those of a period count all batches, the others this one, under all its names, or one of
 * its runs.
 */
export interface Spenders {
  readonly batchId: number;
  readonly runId: string | null;
  /** Days and months are the calendar's, by the wall clock. */
  readonly wallMs: number;
}

/** What was spent under a cap so far: a few rows, however many attempts there are. */
export function capSpending(store: Store, cap: BudgetCap, { batchId, runId, wallMs }: Spenders): CapSpending {
  const scope = scopeName(cap.scope);
  switch (cap.period) {
    case 'batch':
      return sumOfBatch(store, scope, batchId);
    case 'run':
      return sumOfBatch(store, `run ${runId}`, batchId);
    case 'day':
      return sumSince(store, scope, startOfDay(wallMs));
    case 'month':
      return sumSince(store, scope, startOfMonth(wallMs));
  }
}

/**
 * The same of every cap, for people who ask.
 * @param store `null`: there is no state yet, so that nothing was spent.
 */
export function spentUnder(
  store: Store | null,
  caps: readonly BudgetCap[],
  { batch, runId, wallMs }: { readonly batch: string; readonly runId: string | null; readonly wallMs: number },
): CapSpending[] {
  if (store === null) return [];
  const spenders = { batchId: batchIdOf(store, batch) ?? NO_BATCH, runId, wallMs };
  return caps.map((cap) => capSpending(store, cap, spenders));
}

/** Of a batch that never ran, a day's cap still counts what others have spent. */
export const NO_BATCH = -1;

export function batchIdOf(store: Store, name: string): number | null {
  return prepared<[string], { id: number }>(store, 'SELECT id FROM batches WHERE name = ?').get(name)?.id ?? null;
}

/** What a cap still allows; below zero where a bill was higher than expected. Nothing, where it counts an amount that nobody knows. */
export function leftOf(store: Store, cap: BudgetCap, spenders: Spenders): Micros {
  const { billedMicros, inFlightMicros, atRiskMicros, unpricedAttempts } = capSpending(store, cap, spenders);
  if (unpricedAttempts > 0) return Number.NEGATIVE_INFINITY;
  return cap.micros - (billedMicros + inFlightMicros + atRiskMicros);
}

/** Brings a batch's sums in line with labels that were edited; the caller holds the transaction. */
export function recountSpending(store: Store, batchId: number): void {
  prepared<[number], unknown>(store, 'DELETE FROM spending WHERE batch_id = ?').run(batchId);
  prepared<[number], unknown>(store, RECOUNT_BATCH).run(batchId);
  prepared<[number], unknown>(store, RECOUNT_ADOPTED).run(batchId);
}

type Sums = Record<'billed' | 'inFlight' | 'atRisk' | 'unpriced', number | null>;

const SUMS = `SELECT sum(billed) AS billed, sum(in_flight) AS inFlight, sum(at_risk) AS atRisk, sum(unpriced) AS unpriced
  FROM spending`;

function sumOfBatch(store: Store, scope: string, batchId: number): CapSpending {
  return toSpending(
    prepared<[string, string, number], Sums>(store, `${SUMS} WHERE scope IN (?, ?) AND batch_id = ?`).get(
      scope,
      `former ${scope}`,
      batchId,
    ),
  );
}

function sumSince(store: Store, scope: string, sinceMs: number): CapSpending {
  return toSpending(
    prepared<[string, number], Sums>(store, `${SUMS} WHERE scope = ? AND quarter >= ?`).get(
      scope,
      Math.floor(sinceMs / QUARTER_MS),
    ),
  );
}

function toSpending(sums: Sums | undefined): CapSpending {
  return {
    billedMicros: sums?.billed ?? 0,
    inFlightMicros: sums?.inFlight ?? 0,
    atRiskMicros: sums?.atRisk ?? 0,
    unpricedAttempts: sums?.unpriced ?? 0,
  };
}

function scopeName(scope: BudgetScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all';
    case 'provider':
      return `provider ${scope.provider}`;
    case 'language':
      return `language ${scope.language}`;
    case 'label':
      return `label ${scope.label}=${scope.value}`;
  }
}

/** Whether a cap of such a period leaves out what was paid at that time, by no run of this state. */
export function isOutOf(period: BudgetPeriod, atMs: number, wallMs: number): boolean {
  switch (period) {
    case 'batch':
      return false;
    case 'run':
      return true;
    case 'day':
      return atMs < startOfDay(wallMs);
    case 'month':
      return atMs < startOfMonth(wallMs);
  }
}

function startOfDay(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

function startOfMonth(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), 1).getTime();
}
