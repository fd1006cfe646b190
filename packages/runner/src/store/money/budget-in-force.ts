import {
  type BudgetCap,
  type BudgetSettings,
  type CapSpending,
  type Micros,
  type Plan,
  UNASKED_CAP,
} from '@localize/core';
import { bootClock } from '../clock/boot-clock.js';
import type { FormerSpending } from '../former/former-jobs.js';
import { type Blocks, NOTHING_BLOCKED } from '../placement/job-offers.js';
import type { NextRun } from '../placement/jobs-left.js';
import { prepared } from '../prepared.js';
import { editedCounts } from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { type CapCorrection, withCorrections } from './cap-corrections.js';
import { routeBlocks } from './route-blocks.js';
import { batchIdOf, NO_BATCH, spentUnder } from './spending.js';

/** What a run itself may newly spend; absent or `null`: no cap. */
export interface RunCaps {
  /** As `--max-usd` says it. */
  readonly maxMicros?: Micros | null | undefined;
  /** What its user was asked, or need not be asked. */
  readonly agreedMicros?: Micros | null | undefined;
}

/** The manifest's caps, and those of a run. */
export function budgetInForce(budget: BudgetSettings, { maxMicros, agreedMicros }: RunCaps): BudgetSettings {
  const own = [runCap('--max-usd', maxMicros), runCap(UNASKED_CAP, agreedMicros)].flat();
  return own.length === 0 ? budget : { ...budget, caps: [...budget.caps, ...own] };
}

function runCap(name: string, micros: Micros | null | undefined): BudgetCap[] {
  return micros === null || micros === undefined ? [] : [{ name, scope: { kind: 'all' }, period: 'run', micros }];
}

/** A budget at one moment. */
export interface InForce {
  readonly batchId: number;
  readonly caps: readonly BudgetCap[];
  readonly marginPercent: number;
  /** Under each cap. */
  readonly spent: readonly CapSpending[];
  readonly blocks: Blocks;
}

export function inForce(
  store: Store | null,
  plan: Plan,
  { nowMs, next, former }: { nowMs: number; next?: NextRun | undefined; former?: FormerSpending | undefined },
): InForce {
  const isNext = next !== undefined;
  const batchId = store === null ? null : batchIdOf(store, plan.batch);
  const run = store === null || batchId === null ? undefined : lastRun(store, batchId);
  const { caps, marginPercent } = budgetInForce(plan.budget, isNext ? {} : (run ?? {}));
  if (caps.length === 0) return { ...UNCAPPED, batchId: batchId ?? NO_BATCH };
  const runId = isNext ? null : (run?.id ?? null);
  const edited = () => (store === null ? [] : editedCounts(store, plan, caps, former?.renamed));
  const corrections = next?.corrections ?? [...(former?.paid ?? []), ...edited()];
  const room = roomUnder(store, plan, { caps, runId, nowMs, corrections });
  return { batchId: batchId ?? NO_BATCH, caps, marginPercent, ...room };
}

/**
 * What was spent under caps by now, and which routes they let nothing be bought on.
 * @param store `null`: there is no state yet
 * @param runId of the run whose own caps are among them
 * @param corrections what counts as spent besides
 */
export function roomUnder(
  store: Store | null,
  plan: Plan,
  {
    caps,
    runId,
    nowMs,
    corrections,
  }: {
    readonly caps: readonly BudgetCap[];
    readonly runId: string | null;
    readonly nowMs: number;
    readonly corrections: readonly CapCorrection[];
  },
): Pick<InForce, 'spent' | 'blocks'> {
  const known = spentUnder(store, caps, { batch: plan.batch, runId, wallMs: nowMs });
  const spent = withCorrections(caps, known, corrections, nowMs);
  const blocks = store === null ? NOTHING_BLOCKED : routeBlocks(store, caps, bootClock(store).nowMs(), plan.prices);
  return { spent, blocks };
}

/** Where no cap counts anything. */
export const UNCAPPED = { caps: [], marginPercent: 0, spent: [], blocks: NOTHING_BLOCKED } as const;

/** Whether a cap of the manifest or of the batch's last run counts what its jobs cost. */
export function isCapped(store: Store, plan: Plan): boolean {
  const batchId = batchIdOf(store, plan.batch);
  const run = batchId === null ? undefined : lastRun(store, batchId);
  return budgetInForce(plan.budget, run ?? {}).caps.length > 0;
}

function lastRun(store: Store, batchId: number) {
  return prepared<[number], { id: string; maxMicros: number | null; agreedMicros: number | null }>(
    store,
    'SELECT id, max_micros AS maxMicros, agreed_micros AS agreedMicros FROM runs WHERE batch_id = ? ORDER BY rowid DESC LIMIT 1',
  ).get(batchId);
}
