import {
  billOf,
  type Micros,
  type Plan,
  type PlannedJob,
  type PlannedJobs,
  type PlanTotal,
  PlanTotals,
  withMargin,
} from '@localize/core';
import type { ForeseenRun, JobStanding, UnpricedAttempt } from '@localize/runner';
import { planRows } from './plan-rows.js';

/** What a run would newly buy, before it does. */
export interface Spending {
  readonly plan: Plan;
  /** Jobs that would be bought, finished ones that are made again included; found again whenever they are gone through. */
  readonly toBuy: PlannedJobs;
  /** Their sums, in the order in which the providers first come up. */
  readonly byProvider: readonly PlanTotal[];
  /** Of them, finished ones that are made again. */
  readonly remakes: number;
  /** Sum of the known prices. */
  readonly micros: Micros;
  /** The same of what is reserved for them: with the budget's margin, as the bills are expected. */
  readonly reservedMicros: Micros;
  readonly unpricedJobs: number;
  /** Jobs in the sum of which only a minimum is known, and nobody has seen a bill yet. */
  readonly minimumJobs: number;
  /** Jobs that nothing is bought for. */
  readonly freeJobs: number;
  /** Jobs that the budget has no room for; they are in no sum. */
  readonly waitingJobs: number;
  /** What was bought before and has no known amount, as far as a cap counts it. */
  readonly unpriced: readonly UnpricedAttempt[];
  /** Why jobs do not go to the route that they would go to first. */
  readonly notes: readonly string[];
  /** Which were paid for under another name without a usable video, in words that are among the notes; `null`: none. */
  readonly boughtAgain: string | null;
}

/**
 * @param foreseen what the run would do
 * @param from.remade keys of finished jobs that it makes again
 */
export function newSpending(
  foreseen: ForeseenRun,
  from: {
    readonly standings: ReadonlyMap<string, JobStanding>;
    readonly only: (key: string) => boolean;
    readonly retryFailed?: boolean | undefined;
    readonly remade?: ReadonlySet<string> | undefined;
  },
): Spending {
  const { plan, waiting, unpriced, notes, boughtAgain } = foreseen;
  const { standings, only, retryFailed, remade = new Set() } = from;
  const selected = (key: string) => only(key) && !waiting.has(key);
  const rows = () => planRows(plan, { standings, foreseen, selected, retryFailed, remade });
  const byProvider = new PlanTotals();
  const sums = { length: 0, remakes: 0, micros: 0, reservedMicros: 0, unpricedJobs: 0, minimumJobs: 0, freeJobs: 0 };
  for (const { job, buys, takes, micros, certainty } of rows()) {
    if (takes !== null && takes.kind !== 'former') sums.freeJobs += 1;
    const [choice] = job.choices;
    if (!buys || choice === undefined) continue;
    byProvider.add(choice.provider, job);
    sums.length += 1;
    if (remade.has(job.key)) sums.remakes += 1;
    if (micros === null) sums.unpricedJobs += 1;
    if (certainty === 'floor') sums.minimumJobs += 1;
    sums.micros += micros ?? 0;
    sums.reservedMicros += withMargin(billOf(choice).micros ?? 0, plan.budget.marginPercent);
  }
  const { length, ...known } = sums;
  const toBuy = {
    length,
    *[Symbol.iterator](): Generator<PlannedJob> {
      for (const { job, buys } of rows()) if (buys) yield job;
    },
  };
  const told = { waitingJobs: waiting.size, unpriced, notes, boughtAgain };
  return { plan, toBuy, byProvider: byProvider.all, ...known, ...told };
}

/**
 * What a run may newly spend by a yes to this, or by what nobody is asked about: its jobs as planned, and in any case
 * `confirm_above_usd`. `null`: any amount, since there is an unknown one in it already, or nothing is real.
 */
export function agreedSpending({ plan, reservedMicros, unpricedJobs, minimumJobs }: Spending): Micros | null {
  if (plan.emulate || unpricedJobs + minimumJobs > 0) return null;
  return Math.max(plan.budget.confirmAboveMicros, reservedMicros);
}
