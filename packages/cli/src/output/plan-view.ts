import {
  areLimitsAssumed,
  type CapSnapshot,
  type Catalogue,
  type JobSnapshot,
  type Micros,
  type MoneyWait,
  type Plan,
  type PlannedJob,
  type PlanSummary,
  type PlanTotal,
  planSummary,
  type Snapshot,
  totalOf,
  usedProviders,
} from '@localize/core';
import { type ChangedJob, type ForeseenRun, type JobStanding, neededFor, type RunWithRemakes } from '@localize/runner';
import { type PlanRow, planRows } from '../batch/plan-rows.js';
import { planProblems } from './plan-problems.js';
import { type RunnerUp, runnersUp } from './runners-up.js';

export interface PlanView {
  readonly plan: Plan;
  readonly rows: readonly PlanRow[];
  /** What a run would buy now. */
  readonly summary: PlanSummary;
  /** Finished jobs that the manifest asks for differently now, in its order; bought only with `--remake`. */
  readonly remakes: readonly PlanRemake[];
  /** Jobs without a video that would be bought if nothing were made again, and else wait for money. */
  readonly displaced: number;
  /** Jobs that are bought and not finished, and that the manifest asks for differently now: re-makes once they are. */
  readonly outdated: readonly PlanRemake[];
  /** Finished jobs that are asked for as they were made before: a run takes those results again, unpaid. */
  readonly takenBack: readonly ChangedJob[];
  /** What a run wants to be free on the disk of the outputs, for those still to come and beside them. */
  readonly spaceBytes: number;
  readonly warnings: readonly string[];
  /** What a run would stop at or leave undone. */
  readonly problems: readonly string[];
  /** Every cap in force. */
  readonly budget: readonly CapSnapshot[];
  /** What a run buys of them now: what the budget has room for. */
  readonly affordable: PlanTotal;
  /** Jobs that the budget has no room for, once all that fits is bought. */
  readonly waiting: readonly JobSnapshot[];
  /** With those that wait for an amount that nobody knows. */
  readonly unpaid: readonly JobSnapshot[];
  readonly runnersUp: readonly RunnerUp[];
}

export interface PlanRemake {
  readonly key: string;
  readonly fields: readonly string[];
  readonly micros: Micros | null;
  /** A reviewer approved what is there: bought only with `--include-approved`. */
  readonly approved: boolean;
  /** The budget has no room for it beside what a run buys anyway. */
  readonly waits: boolean;
  /** The run that is shown makes it again. */
  readonly isMade: boolean;
}

export interface PlanViewSource {
  /** By key; a job that the state does not know waits. */
  readonly standings: ReadonlyMap<string, JobStanding>;
  readonly changed: readonly ChangedJob[];
  readonly changedUnderWay?: readonly ChangedJob[] | undefined;
  /** What a run would do, where somebody has looked. */
  readonly foreseen?: Pick<ForeseenRun, 'free' | 'former' | 'taken' | 'blocked' | 'unpriced'> | undefined;
  /** What a run would do that also makes the finished jobs again that are wanted differently. */
  readonly withRemakes?: Pick<RunWithRemakes, 'plan' | 'waiting' | 'displaced'> | undefined;
  /** Keys of finished jobs that the run makes again: to be bought, like those that wait. */
  readonly remade?: ReadonlySet<string> | undefined;
  /** Where the money stands; `null` where no budget is set. */
  readonly budgeted?: Snapshot | null | undefined;
  readonly catalogue: Catalogue;
  /** The manifest as the user would type it, for the commands that are named. */
  readonly again?: string;
  readonly selected: (key: string) => boolean;
  /** Failed jobs are bought again. */
  readonly retryFailed?: boolean | undefined;
  /** What else there is to say of where its jobs go. */
  readonly notes?: readonly string[] | undefined;
}

/** All figures of `localize plan`. */
export function buildPlanView(plan: Plan, from: PlanViewSource): PlanView {
  const { standings, changedUnderWay = [], budgeted = null, again = '', foreseen = NOTHING_FORESEEN } = from;
  const { catalogue, selected, retryFailed, notes = [], remade = NONE } = from;
  const withRemakes = from.withRemakes ?? { plan, waiting: NONE_WAITS, displaced: 0 };
  const changed = [...from.changed, ...foreseen.former];
  const rows = [...planRows(plan, { standings, foreseen, selected, retryFailed, remade })];
  const jobs = rows.filter((row) => row.buys).map((row) => row.job);
  const isSelected = ({ key }: ChangedJob) => selected(key);
  const taken = (job: ChangedJob) => job.isPaidFor === true && !(standings.get(job.key)?.approved ?? false);
  const unpaid = (budgeted?.jobs ?? []).filter(
    ({ key, waitsForMoney, waitsForAmount }) => (waitsForMoney ?? waitsForAmount) && selected(key),
  );
  const waiting = unpaid.filter(({ waitsForMoney }) => waitsForMoney);
  const roomless = new Set(waiting.map(({ key }) => key));
  const affordable = jobs.filter(({ key, choices }) => choices.length > 0 && !roomless.has(key));
  return {
    plan,
    rows,
    summary: planSummary({ ...plan, jobs }, catalogue),
    affordable: totalOf('affordable', affordable),
    remakes: remakesOf(
      changed.filter((job) => isSelected(job) && !taken(job)),
      withRemakes,
      { standings, remade },
    ),
    displaced: withRemakes.displaced,
    takenBack: changed.filter((job) => isSelected(job) && taken(job)),
    outdated: remakesOf(changedUnderWay.filter(isSelected), { plan, waiting: NONE_WAITS }, { standings, remade: NONE }),
    spaceBytes: neededFor(rows.filter(({ state }) => state !== 'succeeded').map(({ job }) => job)),
    warnings: [...plan.warnings, ...assumedLimits(plan, jobs), ...notes],
    problems: planProblems(plan, rows, {
      waiting,
      unpriced: foreseen.unpriced,
      blocked: blockedJobs(budgeted, foreseen.blocked),
      taken: foreseen.taken,
      again,
    }),
    budget: budgeted?.budget ?? [],
    waiting,
    unpaid,
    runnersUp: runnersUp(rows),
  };
}

const NONE: ReadonlySet<string> = new Set();
const NONE_WAITS: ReadonlyMap<string, MoneyWait> = new Map();

const NOTHING_FORESEEN = { free: new Map(), former: [], taken: new Map(), blocked: new Map(), unpriced: [] };

/** Jobs that are still to be bought and that no route takes under the budget, with the reason and what mends it. */
function blockedJobs(budgeted: Snapshot | null, blocked: ReadonlyMap<string, string>): string[] {
  const own = (budgeted?.jobs ?? []).filter(({ key }) => blocked.has(key));
  return own.flatMap(({ reason, mend }) => (reason === null ? [] : mend === null ? reason : `${reason} (${mend})`));
}

function remakesOf(
  changed: readonly ChangedJob[],
  { plan, waiting }: Pick<ForeseenRun, 'plan' | 'waiting'>,
  { standings, remade }: { standings: ReadonlyMap<string, JobStanding>; remade: ReadonlySet<string> },
): PlanRemake[] {
  if (changed.length === 0) return [];
  const wanted = new Set(changed.map(({ key }) => key));
  const prices = new Map<string, Micros | null>();
  // What is made again starts over at the first choice, whichever route made it before.
  for (const { key, choices } of plan.jobs) if (wanted.has(key)) prices.set(key, choices[0]?.estimate.micros ?? null);
  const places = new Map([...prices.keys()].map((key, place) => [key, place]));
  const placeOf = ({ key }: ChangedJob) => places.get(key) ?? places.size;
  const ordered = [...changed].sort((a, b) => placeOf(a) - placeOf(b));
  return ordered.map(({ key, fields }) => {
    const approved = standings.get(key)?.approved ?? false;
    const micros = prices.get(key) ?? null;
    return { key, fields, micros, approved, waits: waiting.has(key), isMade: remade.has(key) };
  });
}

/** What a snapshot says of the same, apart from what the next run takes up again. */
export function standingsIn({ jobs }: Snapshot): Map<string, JobStanding> {
  return new Map(
    jobs.map(({ key, state, route, marks = [] }) => [
      key,
      { state, route, isTakenUpAgain: false, approved: marks.some(({ verdict }) => verdict === 'approve') },
    ]),
  );
}

/** Of the providers that some job to buy may go to. */
function assumedLimits(plan: Plan, jobs: readonly PlannedJob[]): string[] {
  const used = new Set(usedProviders({ jobs }));
  return Object.values(plan.providers)
    .filter((settings) => used.has(settings.id) && areLimitsAssumed(settings))
    .map(
      ({ id }) =>
        `the limits of ${id} are assumed: no current page states them; set providers.${id}.limits if yours differ`,
    );
}
