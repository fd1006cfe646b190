import { type Estimate, formatUsd } from '@localize/core';
import { type ForeseenRun, foreseeRun, jobsNamed, type Retried, systemClock, type TakenFrom } from '@localize/runner';
import type { Actions } from './open-actions.js';

/** What the next run will do with the jobs that were put back. */
export interface RetryOutlook {
  readonly bought: readonly string[];
  /** By key what each takes for free. */
  readonly free: ReadonlyMap<string, TakenFrom>;
  readonly placeTaken: ForeseenRun['taken'];
  readonly prices: ReadonlyMap<string, Estimate | undefined>;
}

export async function foreseeRetried(
  { batch, options: { store } }: Actions,
  { again }: Retried,
): Promise<RetryOutlook> {
  const keys = new Set(again);
  const plan = { ...batch.plan, jobs: jobsNamed(batch.plan.jobs, keys) };
  const nowMs = systemClock().nowMs();
  const foreseen = await foreseeRun(store, plan, { caps: [], wanted: (key) => keys.has(key), nowMs });
  const { free, taken } = foreseen;
  return {
    bought: again.filter((key) => !free.has(key) && !taken.has(key)),
    free,
    placeTaken: taken,
    prices: new Map([...foreseen.plan.jobs].map(({ key, choices }) => [key, choices[0]?.estimate])),
  };
}

/** `null`: nobody can say beforehand what it will cost. */
export function usdOrNull(estimate: Estimate | undefined): string | null {
  return estimate === undefined || estimate.micros === null ? null : formatUsd(estimate.micros);
}
