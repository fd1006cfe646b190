import {
  type BudgetCap,
  count,
  formatUsd,
  JobsUnderCaps,
  jobsMeant,
  type MoneyWait,
  type Plan,
  type PlannedJob,
  type RouteChoice,
  type RouteId,
  withEachJob,
} from '@localize/core';
import { servedAmong } from '../../content/alike-jobs.js';
import { acceptedPrices } from '../money/accepted-prices.js';
import { roomUnder, UNCAPPED } from '../money/budget-in-force.js';
import type { CapCorrection } from '../money/cap-corrections.js';
import { blockWords } from '../money/route-blocks.js';
import { withSeenPrices } from '../money/seen-prices.js';
import type { Store } from '../store.js';
import { assignedRoute, type Blocks, offersOf, purchasesUnder } from './job-offers.js';

/** A plan as a run would carry it out now. */
export interface AssignedJobs {
  /** At the prices to be expected; the first choice of a job that is to be bought is the one that it would be bought on. */
  readonly plan: Plan;
  /** The jobs that the caps leave no room for, by key. */
  readonly waiting: ReadonlyMap<string, MoneyWait>;
  /** Why no route takes a job under the caps, whatever room they have, by key: a run holds it. */
  readonly blocked: ReadonlyMap<string, string>;
  /** Why jobs do not go to the route that they would go to first. */
  readonly notes: readonly string[];
}

/** What there is to be gone by where jobs are placed. */
interface RunUnderCaps {
  readonly caps: readonly BudgetCap[];
  readonly nowMs: number;
  /** What counts as spent besides. */
  readonly corrections?: readonly CapCorrection[];
}

/**
 * Finds for each job the route that a run would buy it on, as the buying transaction and {@link Purses} will: the first
 * that is not closed and that the caps have room for. What a closed route leaves out is not among the choices any more.
 * @param store `null`: there is no state yet, so that nothing was spent and no route is closed.
 */
export function assignRoutes(store: Store | null, plan: Plan, { wanted, ...run }: RunUnderCaps & Wanted): AssignedJobs {
  const expected = withSeenPrices(plan, store);
  const billed = store === null ? [] : acceptedWords(store, plan.prices, jobsMeant(plan.jobs, wanted));
  if (run.caps.length === 0) return { plan: expected, waiting: new Map(), blocked: new Map(), notes: billed };
  const { blocks, outlook } = roomFor(store, plan, run);
  const notes = new Notes(blocks);
  const blocked = new Map<string, string>();
  const moves = new Map<string, readonly RouteId[]>();
  for (const job of jobsMeant(expected.jobs, wanted)) {
    const unbought = offersOf(job, job.choices, blocks);
    if (unbought.blocked !== null) blocked.set(job.key, blockWords(unbought.blocked.route, unbought.blocked));
    const route = assignedRoute(unbought, outlook.place(unbought));
    const choices = route === null ? job.choices : choicesOn(job, route, blocks);
    if (choices === job.choices) continue;
    notes.add(job, choices);
    moves.set(
      job.key,
      Array.from(choices, (choice) => choice.route),
    );
  }
  const { waiting } = outlook.end();
  const jobs = moves.size === 0 ? expected.jobs : withEachJob(expected.jobs, (job) => moved(job, moves.get(job.key)));
  return { plan: { ...expected, jobs }, waiting, blocked, notes: [...notes.words(), ...billed] };
}

/**
 * Which of the jobs that are to be bought take what is bought for another one.
 * @param twins as `servedAmong` takes them
 * @returns by the key of each the key of that other one
 */
export function servedUnderCaps(
  store: Store | null,
  plan: Plan,
  { wanted, twins, ...run }: RunUnderCaps & Wanted & { readonly twins: ReadonlyMap<string, string> },
): ReadonlyMap<string, string> {
  if (twins.size === 0) return twins;
  const { blocks, outlook } = roomFor(store, plan, run);
  const { jobs } = withSeenPrices(plan, store);
  const purchases = purchasesUnder(outlook, (job: PlannedJob) => offersOf(job, job.choices, blocks));
  return servedAmong(jobsMeant(jobs, wanted), twins, purchases);
}

interface Wanted {
  /** Whether a job, by its key, is to be bought. */
  readonly wanted: (key: string) => boolean;
}

/** What keeps routes from being bought on, and what the caps leave before anything is bought. */
function roomFor(store: Store | null, plan: Plan, { caps, nowMs, corrections = [] }: RunUnderCaps) {
  const isCapped = caps.length > 0;
  const { spent, blocks } = isCapped ? roomUnder(store, plan, { caps, runId: null, nowMs, corrections }) : UNCAPPED;
  return { blocks, outlook: new JobsUnderCaps(caps, spent, plan.budget.marginPercent) };
}

function moved(job: PlannedJob, to: readonly RouteId[] | undefined): PlannedJob {
  if (to === undefined) return job;
  return { ...job, choices: to.flatMap((route) => job.choices.find((choice) => choice.route === route) ?? []) };
}

/** What a job may still be bought on, that route first. */
function choicesOn(job: PlannedJob, route: RouteId, blocks: Blocks): readonly RouteChoice[] {
  const [first] = job.choices;
  const isOn = (choice: RouteChoice) => choice.route === route;
  const open = job.choices.filter((choice) => blocks(job, choice) === null);
  if (first && isOn(first) && open.length === job.choices.length) return job.choices;
  return [...open.filter(isOn), ...open.filter((choice) => !isOn(choice))];
}

/** Which routes are expected at what they billed instead of at their price, where the jobs may go there. */
function acceptedWords(store: Store, prices: Plan['prices'], jobs: Iterable<PlannedJob>): string[] {
  const accepted = acceptedPrices(store, prices);
  if (accepted.size === 0) return [];
  const used = new Set<RouteId>();
  for (const { choices } of jobs) for (const { route } of choices) if (accepted.has(route)) used.add(route);
  return [...accepted]
    .filter(([route]) => used.has(route))
    .map(
      ([route, { billedMicros, estimateMicros }]) =>
        `${route} is expected at what it billed, which you have accepted: $${formatUsd(billedMicros)} for what its price puts at $${formatUsd(estimateMicros)}; set providers.${route.split('/')[0]}.price to cover it, and that is used instead`,
    );
}

/** Says each reason once, with how many jobs it is about. */
class Notes {
  readonly #blocks: Blocks;
  readonly #closed = new Set<string>();
  readonly #roomless = new Map<RouteId, number>();

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  add(job: PlannedJob, [placed]: readonly RouteChoice[]): void {
    for (const choice of job.choices) {
      if (choice.route === placed?.route) return;
      const block = this.#blocks(job, choice);
      if (block !== null) this.#closed.add(blockWords(choice.route, block));
      else this.#roomless.set(choice.route, (this.#roomless.get(choice.route) ?? 0) + 1);
    }
  }

  words(): string[] {
    const roomless = [...this.#roomless].map(
      ([route, jobs]) =>
        `the budget has no room for ${count(jobs, 'job')} on ${route}, so that a further route is taken`,
    );
    return [...this.#closed, ...roomless];
  }
}
