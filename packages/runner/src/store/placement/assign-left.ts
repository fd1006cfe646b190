import { JobsUnderCaps, type Plan, type PlannedJob, type RouteChoice, type SnapshotFrame } from '@localize/core';
import { servedAmong } from '../../content/alike-jobs.js';
import { AmountWaits } from '../money/amount-waits.js';
import type { InForce } from '../money/budget-in-force.js';
import type { KnownFree } from '../money/known-free.js';
import type { UnpricedAttempt } from '../snapshot/edited-counts.js';
import type { Store } from '../store.js';
import { AssignedRoutes } from './assigned-routes.js';
import { offersOf, purchasesUnder } from './job-offers.js';
import { jobsLeft, type LeftJob, type NextRun, plannedOf } from './jobs-left.js';

/** What is left to buy, at its places under the caps. */
export interface AssignedLeft {
  readonly places: AssignedRoutes;
  readonly amounts: AmountWaits;
  readonly outlook: ReturnType<AssignedRoutes['end']>;
  /** What a job takes for free; `null`: nothing. */
  readonly takes: (key: string) => Taken | null;
}

export interface Taken {
  /** The key of the job that it is bought for; `null`: it was bought before. */
  readonly of: string | null;
  readonly when: 'at once' | 'once it is bought';
}

/** Of what there is already, or is on its way. */
export const MADE_BEFORE: Taken = { of: null, when: 'at once' };

/** Places what is left to buy as a plan has it, without what is taken from elsewhere. */
export function assignLeft(
  store: Store | null,
  plan: Plan,
  {
    snapshot,
    force,
    free,
    unpriced,
    next,
  }: {
    readonly snapshot: SnapshotFrame;
    readonly force: InForce;
    readonly free: KnownFree | null;
    readonly unpriced: readonly UnpricedAttempt[];
    readonly next: NextRun | undefined;
  },
): AssignedLeft {
  const { batchId, caps, marginPercent, spent, blocks } = force;
  const left = jobsLeft(store, plan, { next, batchId });
  const made = new Set<string>();
  for (const { planned } of free?.areNoneMade === false ? left : []) if (free?.isMade(planned)) made.add(planned.key);
  const twins = free?.twinsAmong(plannedOf(left, ({ key }) => !made.has(key))) ?? NONE;
  const served = twins.size === 0 ? twins : servedOf(left, { made, twins, force });
  const places = new AssignedRoutes(caps, spent, marginPercent);
  const amounts = new AmountWaits(store, { caps, unpriced }, snapshot);
  for (const { job, choices } of left) {
    if (made.has(job.key) || served.has(job.key)) continue;
    const unbought = offersOf(job, choices, blocks);
    places.place(unbought);
    amounts.add(unbought);
  }
  const outlook = places.end();
  const waits = (key: string) => outlook.waiting.has(key) || places.isBlocked(key);
  const takes = (key: string): Taken | null => {
    if (made.has(key)) return MADE_BEFORE;
    const of = served.get(key);
    return of === undefined ? null : { of, when: waits(of) ? 'once it is bought' : 'at once' };
  };
  return { places, amounts, outlook, takes };
}

const NONE: ReadonlyMap<string, string> = new Map();

type Left = PlannedJob & { readonly left: readonly RouteChoice[] };

/** Which of them take what is bought for another one: by the key the key of that one. */
function servedOf(
  left: Iterable<LeftJob>,
  {
    made,
    twins,
    force: { caps, spent, marginPercent, blocks },
  }: {
    readonly made: ReadonlySet<string>;
    readonly twins: ReadonlyMap<string, string>;
    readonly force: InForce;
  },
): ReadonlyMap<string, string> {
  const outlook = new JobsUnderCaps(caps, spent, marginPercent);
  function* toBuy(): Generator<Left> {
    for (const { job, choices } of left) if (!made.has(job.key)) yield { ...job, left: choices };
  }
  const offersFor = (job: Left) => offersOf(job, job.left, blocks);
  return servedAmong(toBuy(), twins, purchasesUnder(outlook, offersFor));
}
