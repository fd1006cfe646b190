import {
  type LaneLimits,
  type LaneStatus,
  type LimitSources,
  laneWait,
  limitsInForce,
  type ProviderId,
  sourcesInForce,
  type WaitingJobs,
} from '@localize/core';
import { heldOnLane, laneFacts, placesFreeAt } from '../../lanes/admission.js';
import { formerLanes } from '../../lanes/former-lanes.js';
import { SELECTED } from '../backlog.js';
import { uploadsRestUntil } from '../lanes/lane-stops.js';
import { setLimits } from '../lanes/limit-settings.js';
import { awaitsFirstPrice } from '../money/seen-prices.js';
import { prepared } from '../prepared.js';
import { findRows } from '../rows.js';
import { lanes } from '../schema/schema.js';
import type { LaneRow, Store } from '../store.js';

export interface LaneQuery {
  readonly nowMs: number;
  /** The calendar's time; `nowMs` by default. */
  readonly wallMs?: number;
  /** Which lanes; all by default. */
  readonly only?: (lane: Pick<LaneRow, 'provider' | 'host' | 'display'>) => boolean;
  /** The batch whose jobs wait; those of all batches by default. */
  readonly batch?: string;
  /** Only jobs that the run on this very store has selected; it must have begun. */
  readonly selected?: boolean;
  /** Some cap counts what the jobs cost, so that none is bought before its route's price is known. */
  readonly isCapped?: boolean;
  /** Limits that the next run goes by in place of those of the last one; of lanes that it uses. */
  readonly plannedLimits?: (provider: ProviderId) => PlannedLimits | undefined;
  /** Whether the budget has no room for a job of that batch. */
  readonly waitsForMoney?: (key: string) => boolean;
}

export interface PlannedLimits {
  readonly limits: LaneLimits;
  readonly limitsFrom: LimitSources;
}

/**
 * How full the lanes are, and what each waits for: read from the rows that decide about creates, by the functions that
 * decide. Reads only; cheap enough for a display that looks several times a second. Lanes of former keys are there as
 * long as something of theirs is open.
 */
export function readLanes(store: Store, query: LaneQuery): LaneStatus[] {
  const jobs = countWaiting(store, query);
  const rows = findRows(store, lanes, 'ORDER BY provider, display, id')
    .filter((row) => query.only?.(row) ?? true)
    .map((row) => asPlanned(row, query.plannedLimits?.(row.provider)));
  const former = formerLanes(rows);
  return rows.flatMap((row) => {
    if (former.has(row.id)) return formerStatus(store, row, query.nowMs);
    const awaitPrice = query.isCapped === true && awaitsFirstPrice(store, row.provider, query.nowMs);
    const waiting = { ...(jobs.get(row.provider) ?? NONE), awaitPrice, uploadsAtMs: uploadsAt(store, row, query) };
    return toStatus(store, row, waiting, query.nowMs);
  });
}

function uploadsAt(store: Store, { id }: LaneRow, { batch, nowMs, wallMs = nowMs }: LaneQuery): number | null {
  const untilMs = uploadsRestUntil(store, id, batch ?? null, wallMs);
  return untilMs === null ? null : untilMs - wallMs + nowMs;
}

/** No job waits for a lane whose keys are gone, nor does anybody need to open it again. */
function formerStatus(store: Store, row: LaneRow, nowMs: number): LaneStatus[] {
  const status = toStatus(store, { ...row, closed: null }, { ...NONE, awaitPrice: false }, nowMs);
  return status.open > 0 ? [{ ...status, former: true, held: heldOnLane(store, row.id, nowMs) }] : [];
}

function asPlanned(row: LaneRow, planned: PlannedLimits | undefined): LaneRow {
  return planned === undefined ? row : { ...row, ...planned.limits, limitsFrom: planned.limitsFrom };
}

interface Waiting {
  waiting: number;
  affordable: number;
}

const NONE: Waiting = { waiting: 0, affordable: 0 };

function toStatus(store: Store, row: LaneRow, jobs: WaitingJobs, nowMs: number): LaneStatus {
  const set = setLimits(row);
  const limits = limitsInForce(row, set);
  const facts = laneFacts(store, row, limits, nowMs);
  const { taken, nextAtMs } = facts.window();
  return {
    lane: row.display,
    provider: row.provider,
    limits,
    from: sourcesInForce(row.limitsFrom ?? UNKNOWN_SOURCES, set),
    learnedConcurrent: row.learnedConcurrent,
    open: facts.open,
    doubtful: facts.doubtful,
    inWindow: taken,
    placesFreeAtMs: placesFreeAt(store, row.id, limits, nowMs),
    nextPlaceAtMs: nextAtMs > nowMs && Number.isFinite(nextAtMs) ? nextAtMs : null,
    rateLimited: row.rateLimited,
    waitingJobs: jobs.waiting,
    wait: laneWait(facts, jobs, nowMs),
  };
}

/** Of a lane that an older version wrote. */
const UNKNOWN_SOURCES = { creates: 'default', perMs: 'default', concurrent: 'default' } as const;

/** By key where each job of a batch goes that the state knows: to a provider, or with `null` to none, since it does not wait. */
export function waitsFor(store: Store, batch: string): ReadonlyMap<string, ProviderId | null> {
  const rows = prepared<[string], { key: string; provider: ProviderId | null }>(
    store,
    `SELECT key, CASE WHEN state IN ('pending', 'staging') THEN provider END AS provider
       FROM jobs WHERE orphaned = 0 AND batch_id IN (SELECT id FROM batches WHERE name = ?)`,
  ).all(batch);
  return new Map(rows.map(({ key, provider }) => [key, provider]));
}

function countWaiting(store: Store, query: LaneQuery): Map<ProviderId, Waiting> {
  const rows = query.waitsForMoney === undefined ? countedRows(store, query) : keyedRows(store, query);
  const counts = new Map<ProviderId, Waiting>();
  for (const { provider, waiting, affordable } of rows) {
    const known = counts.get(provider) ?? { ...NONE };
    counts.set(provider, { waiting: known.waiting + waiting, affordable: known.affordable + affordable });
  }
  return counts;
}

type ProviderCount = Waiting & { readonly provider: ProviderId };

function unboughtOf({ selected = false }: LaneQuery): string {
  return `FROM jobs WHERE state IN ('pending', 'staging') AND orphaned = 0 AND provider IS NOT NULL
    AND batch_id IN (SELECT id FROM batches WHERE ? IS NULL OR name = ?) ${selected ? `AND id ${SELECTED}` : ''}`;
}

function countedRows(store: Store, query: LaneQuery): ProviderCount[] {
  const { batch = null } = query;
  return prepared<[string | null, string | null], { provider: string; waiting: number }>(
    store,
    `SELECT provider, count(*) AS waiting ${unboughtOf(query)} GROUP BY provider`,
  )
    .all(batch, batch)
    .map((row) => ({ ...row, affordable: row.waiting }));
}

function keyedRows(store: Store, query: LaneQuery): ProviderCount[] {
  const { batch = null, waitsForMoney = () => false } = query;
  return prepared<[string | null, string | null], { key: string; provider: string }>(
    store,
    `SELECT key, provider ${unboughtOf(query)}`,
  )
    .all(batch, batch)
    .map(({ key, provider }) => ({ provider, waiting: 1, affordable: waitsForMoney(key) ? 0 : 1 }));
}
