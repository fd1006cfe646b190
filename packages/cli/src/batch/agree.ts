import type { BudgetCap, Micros, MoneyWait, Plan, Snapshot } from '@localize/core';
import {
  BatchJobs,
  batchFolder,
  bootClock,
  budgetInForce,
  type ChangedJob,
  changedJobs,
  type ForeseenRemakes,
  type ForeseenRun,
  foreseeRemakes,
  type JobStanding,
  PlanLook,
  type RunWithRemakes,
  readStandings,
  retry,
  type Store,
  systemClock,
} from '@localize/runner';
import { withActionLog } from '../log/action-log.js';
import type { TextFilter } from '../select/key-filter.js';
import type { SelectableJob } from '../select/selectable-job.js';
import { openQuestions } from './ask-provider.js';
import type { LoadedBatch } from './load-batch.js';
import { agreedSpending, newSpending, type Spending } from './new-spending.js';
import { isToBuy } from './plan-rows.js';
import { refuseUnpriced } from './refuse-unpriced.js';

/** Says whether that may be spent: `true` is a yes to that amount, `any-amount` one to whatever it comes to. */
export type Confirm = (spending: Spending) => Promise<boolean | 'any-amount'>;

/**
 * Says whether finished jobs that are wanted differently now are bought again.
 * @param again the run that does so
 */
export type OfferRemakes = (
  changed: readonly ChangedJob[],
  standings: ReadonlyMap<string, JobStanding>,
  again: RunWithRemakes,
  only: (key: string) => boolean,
) => Promise<boolean>;

/** What a run is asked to do, and whom to ask about it. */
export interface AgreeOptions {
  readonly host: string;
  readonly sameBatch?: boolean | undefined;
  /** Finished jobs that are wanted differently now are bought again. */
  readonly remake?: boolean | undefined;
  /** Of finished jobs, by their keys, those that `remake` is about; all by default. */
  readonly remakeOnly?: TextFilter | undefined;
  /** Jobs that are neither bought nor made again, by key: the caps had no room for them when that was settled. */
  readonly left?: ReadonlyMap<string, MoneyWait> | undefined;
  readonly includeApproved?: boolean | undefined;
  /** Which jobs, by their keys, once the state is open; all by default. */
  readonly select?: ((known: () => readonly SelectableJob[]) => TextFilter) | undefined;
  /** Failed jobs that are selected are bought again. */
  readonly retryFailed?: boolean | undefined;
  /** Looks at the state before anything is bought; what it throws ends the run with nothing spent. */
  readonly check?: ((store: Store, before: () => Snapshot, only: TextFilter) => Promise<void>) | undefined;
  /**
   * Asked with the state before the run, when keys and hosts are found good; `false` ends it with nothing spent. The run
   * then spends no more than was agreed to.
   */
  readonly confirm?: Confirm | undefined;
  /** Nothing is bought. */
  readonly collect?: boolean | undefined;
  /** Cap of what the run newly spends. */
  readonly maxMicros?: Micros | null | undefined;
  /** Asked for finished jobs that are wanted differently now, where `remake` does not say it already. */
  readonly offerRemakes?: OfferRemakes | undefined;
}

/** What a run may do. */
export interface Agreed {
  /** Whether a job, by its key, is asked for; absent where all are. */
  readonly selected: TextFilter | undefined;
  /** Finished jobs that are wanted differently now are bought again. */
  readonly remake: boolean | TextFilter;
  /** What was to be bought or made again too, and is left as it is for want of room under the budget. */
  readonly left: ReadonlyMap<string, MoneyWait>;
  /** By the key of each job that takes what is bought for another one the key of that one. */
  readonly served: ReadonlyMap<string, string>;
  /** What the run may newly spend; `null`: nobody sets a limit by being asked. */
  readonly agreedMicros: Micros | null;
  /** Failed jobs that were to be bought again and are left alone: a paid result may be there, and nobody could say. */
  readonly unasked: readonly string[];
}

/**
 * Settles what is to be bought, and asks; `null`: nothing. Apart from the run, so that none of what it looked at stays in
 * memory while the run goes on.
 */
export async function agree(
  batch: LoadedBatch,
  store: Store,
  plan: Plan,
  before: { readonly snapshot: () => Snapshot; readonly jobs: () => readonly SelectableJob[] },
  options: AgreeOptions,
): Promise<Agreed | null> {
  const asked = options.select?.(before.jobs);
  await options.check?.(store, before.snapshot, asked ?? (() => true));
  const outlook = await lookAhead(batch, store, plan, asked, options);
  const { selected, only, standings, foreseen } = outlook;
  const { remake, remakeOnly = () => true, retryFailed, confirm, left = new Map() } = options;
  const told = remake && foreseen.remade.size > 0 ? await foreseen.withRemakes() : null;
  const spending = priced(outlook, told, options);
  const yes = confirm ? await confirm(spending) : 'any-amount';
  if (!yes) return null;
  const offered = remake ? null : await offerRemakes(outlook, options);
  const all = offered === null ? spending : priced(outlook, offered, options);
  const isTakenUp = retryFailed && hasFailed(standings, only);
  const unasked = isTakenUp ? await takeUpFailed(batch, store, plan, only, options) : [];
  // What the budget has no room for keeps its finished video, whether it was told or asked for.
  const { waiting, served } = told ?? offered ?? foreseen.plain;
  const isRemade = (key: string) => remakeOnly(key) && !waiting.has(served.get(key) ?? key);
  return {
    selected,
    remake: (remake || offered !== null) && isRemade,
    left: new Map([...left, ...(told?.unmade ?? [])]),
    served,
    agreedMicros: yes === 'any-amount' ? null : agreedSpending(all),
    unasked,
  };
}

/** What the run would do, before anyone is asked. */
interface Outlook {
  readonly selected: TextFilter | undefined;
  readonly only: TextFilter;
  readonly changed: readonly ChangedJob[];
  readonly standings: ReadonlyMap<string, JobStanding>;
  readonly caps: readonly BudgetCap[];
  readonly foreseen: ForeseenRemakes;
}

async function lookAhead(
  batch: LoadedBatch,
  store: Store,
  plan: Plan,
  asked: TextFilter | undefined,
  options: AgreeOptions,
): Promise<Outlook> {
  const { collect, includeApproved, retryFailed, remakeOnly = () => true, left = new Map(), maxMicros } = options;
  const look = new PlanLook(store, plan);
  const changed = collect ? [] : await changedJobs(store, plan, look);
  // Most jobs of a batch that goes on are done: what nobody asks about is not even read.
  const besides = new Set(changed.map(({ key }) => key));
  const known = plan.jobs instanceof BatchJobs && plan.jobs.isInState ? plan.jobs : null;
  const running = known ? { ...plan, jobs: known.unfinished(besides) } : plan;
  const standings = readStandings(store, running, known ? besides : null);
  const { caps } = budgetInForce(plan.budget, { maxMicros });
  const isBought = (key: string) => isToBuy(standings.get(key), retryFailed);
  const isLeft = (key: string) => left.has(key) && isBought(key);
  const selected = left.size === 0 ? asked : (key: string) => (asked?.(key) ?? true) && !isLeft(key);
  const only = selected ?? (() => true);
  const run = {
    caps,
    wanted: (key: string) => only(key) && isBought(key),
    manifestPath: batch.manifest.absolute,
    nowMs: systemClock().nowMs(),
    changed,
    standings,
    mayRemake: (key: string) => only(key) && remakeOnly(key),
    includeApproved,
  };
  return { selected, only, changed, standings, caps, foreseen: await foreseeRemakes(store, running, run, look) };
}

/** @param again the run with what is made again; `null`: without it. @throws where a cap counts what has no price */
function priced(outlook: Outlook, again: ForeseenRun | null, { collect, retryFailed }: AgreeOptions): Spending {
  const { standings, only, caps, foreseen } = outlook;
  const remade = again === null ? undefined : foreseen.remade;
  const spending = newSpending(again ?? foreseen.plain, { standings, only, retryFailed, remade });
  if (!collect) refuseUnpriced(spending, caps);
  return spending;
}

/** The run with what is made again, where somebody is there to ask and says yes; else `null`. */
async function offerRemakes(outlook: Outlook, options: AgreeOptions): Promise<RunWithRemakes | null> {
  const { changed, standings, only, foreseen } = outlook;
  if (options.offerRemakes === undefined || foreseen.remade.size === 0) return null;
  const again = await foreseen.withRemakes();
  const isAgreed = await options.offerRemakes([...changed, ...foreseen.plain.former], standings, again, only);
  return isAgreed ? again : null;
}

async function takeUpFailed(
  batch: LoadedBatch,
  store: Store,
  plan: Plan,
  only: TextFilter,
  { host, sameBatch = false }: AgreeOptions,
): Promise<readonly string[]> {
  const from = { manifestPath: batch.manifest.absolute, folder: batchFolder(plan), sameBatch };
  const about = { store, batch: plan.batch, clock: bootClock(store), host, from };
  // That no log can be kept is told by the run that follows.
  const quietly = () => undefined;
  const questions = openQuestions(batch, store);
  try {
    const what = { only, uncertain: false, look: questions.status };
    const { unasked } = await withActionLog(batch, quietly, (onEvent) => retry({ ...about, onEvent }, what));
    return unasked;
  } finally {
    await questions.close();
  }
}

function hasFailed(standings: ReadonlyMap<string, JobStanding>, only: TextFilter): boolean {
  for (const [key, { state }] of standings) if (state === 'failed' && only(key)) return true;
  return false;
}
