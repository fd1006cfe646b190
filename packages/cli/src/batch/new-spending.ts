import { billOf, type Micros, type Plan, type PlannedJob, withMargin } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { ChangedJob, ForeseenRun, JobStanding, UnpricedAttempt } from '@localize/runner';
import { buildPlanView, type PlanView } from '../output/plan-view.js';

/** What a run would newly buy, before it does. */
export interface Spending {
  readonly plan: Plan;
  /** Finished jobs that nobody asks for differently may be left out of its rows. */
  readonly view: PlanView;
  /** Jobs that would be bought, finished ones that are made again included. */
  readonly toBuy: readonly PlannedJob[];
  /** Of them, finished ones that are made again. */
  readonly remakes: number;
  /** Sum of the known prices. */
  readonly micros: Micros;
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
}

/**
 * @param foreseen what the run would do
 * @param from.remade keys of finished jobs that it makes again
 */
export function newSpending(
  foreseen: ForeseenRun,
  from: {
    readonly standings: ReadonlyMap<string, JobStanding>;
    readonly changed: readonly ChangedJob[];
    readonly only: (key: string) => boolean;
    readonly retryFailed?: boolean | undefined;
    readonly remade?: ReadonlySet<string> | undefined;
  },
): Spending {
  const { plan, waiting, unpriced, notes } = foreseen;
  const { standings, changed, only, retryFailed, remade = new Set() } = from;
  const selected = (key: string) => only(key) && !waiting.has(key);
  const view = buildPlanView(plan, { standings, changed, foreseen, catalogue, selected, retryFailed, remade });
  const toBuy = view.rows.filter(({ buys }) => buys);
  return {
    plan,
    view,
    toBuy: toBuy.map(({ job }) => job),
    remakes: toBuy.filter(({ job }) => remade.has(job.key)).length,
    micros: toBuy.reduce((sum, { micros }) => sum + (micros ?? 0), 0),
    unpricedJobs: toBuy.filter(({ micros }) => micros === null).length,
    minimumJobs: toBuy.filter(({ certainty }) => certainty === 'floor').length,
    freeJobs: view.rows.filter(({ takes }) => takes !== null && takes.kind !== 'former').length,
    waitingJobs: waiting.size,
    unpriced,
    notes,
  };
}

/**
 * What a run may newly spend by a yes to this, or by what nobody is asked about: its jobs as planned, and in any case
 * `confirm_above_usd`. `null`: any amount, since there is an unknown one in it already, or nothing is real.
 */
export function agreedSpending({ plan, toBuy, unpricedJobs, minimumJobs }: Spending): Micros | null {
  if (plan.emulate || unpricedJobs + minimumJobs > 0) return null;
  const { confirmAboveMicros, marginPercent } = plan.budget;
  const planned = toBuy.map(({ choices: [first] }) => withMargin((first && billOf(first).micros) ?? 0, marginPercent));
  return Math.max(
    confirmAboveMicros,
    planned.reduce((sum, micros) => sum + micros, 0),
  );
}
