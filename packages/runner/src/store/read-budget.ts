import {
  type BudgetCap,
  type BudgetSettings,
  type CapSpending,
  HOLD_REASONS,
  type HoldReason,
  isUserSet,
  type JobSnapshot,
  type JobState,
  type Micros,
  mappedJobs,
  type Plan,
  type PlannedJob,
  type RouteId,
  type SnapshotFrame,
  type StreamedSnapshot,
  UNASKED_CAP,
  waitMend,
  waitWords,
} from '@localize/core';
import { AmountWaits } from './amount-waits.js';
import { BatchJobs } from './batch-jobs.js';
import { bootClock } from './boot-clock.js';
import { areAnyClosed, closedRoutes } from './closed-routes.js';
import {
  editedCounts,
  type UnpricedAttempt,
  unpricedAttempts,
  unpricedAttemptWords,
  unpricedMend,
} from './edited-counts.js';
import { type FormerSpending, formerSpendingWords } from './former-jobs.js';
import { type PaidBefore, withPaidBefore } from './paid-before.js';
import { WaitingJobs } from './place-waiting.js';
import { prepared } from './prepared.js';
import { blockWords, routeBlocks } from './route-blocks.js';
import { atPricesSeen } from './seen-prices.js';
import { batchIdOf, NO_BATCH, spentUnder } from './spending.js';
import type { Store } from './store.js';
import { isTakenUpNow } from './taken-up-now.js';
import { type Blocks, NOTHING_BLOCKED, toUnbought, type Unbought } from './unbought.js';

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

/** The jobs of a run to come. */
export interface NextRun {
  /** Whether it would buy a job, by its key, if there is money. */
  readonly only: (key: string) => boolean;
  /** What it will count as spent besides, before it buys. */
  readonly paidBefore?: readonly PaidBefore[];
  /** What was bought before and has no known amount, where somebody has looked. */
  readonly unpriced?: readonly UnpricedAttempt[];
}

/**
 * A snapshot with how far the budget is used up, with the jobs marked that wait for money, and with what is to be bought
 * where a plan has it. The cap of the last run counts while that run goes on and after it.
 * @param store `null`: there is no state yet, so that nothing was spent.
 * @param next the jobs of a run to come, which has no cap of its own yet.
 * @param former what the next run will count of other names of the batch, where there is no `next` that has it
 */
export function withBudget(
  store: Store | null,
  snapshot: StreamedSnapshot,
  plan: Plan,
  next?: NextRun,
  former?: FormerSpending,
): StreamedSnapshot {
  const force = inForce(store, plan, { nowMs: snapshot.takenAtMs, next, former });
  // Without caps nothing moves the jobs on, and each is told at the price to be expected already.
  if (force.caps.length === 0 && (store === null || isAsStored(plan))) return snapshot;
  const { caps, marginPercent, spent } = force;
  const unpriced =
    next?.unpriced ??
    (store === null
      ? []
      : unpricedAttempts(store, plan, caps, { nowMs: snapshot.takenAtMs, ...(former && { renamed: former.renamed }) }));
  const places = new WaitingJobs(caps, spent, marginPercent);
  const amounts = new AmountWaits(store, { caps, unpriced }, snapshot);
  for (const job of next ? jobsOfNext(store, plan, { next, force }) : unboughtJobs(store, plan, force)) {
    places.place(job);
    amounts.add(job);
  }
  const outlook = places.end();
  const jobs = mappedJobs(snapshot.jobs, (job) => {
    const placed = places.atPlace(job);
    const waitsForMoney = outlook.waiting.get(job.key);
    const waits: Waits = waitsForMoney === undefined ? amounts.of(job, places.has(job.key)) : { waitsForMoney };
    return { ...placed, ...waits, ...(places.has(job.key) && !waits.waitsForAmount && reopened(job, waits, snapshot)) };
  });
  const warnings = [
    ...snapshot.warnings,
    ...closedWarnings(store, plan, force),
    ...formerWarnings(store, force),
    ...(former?.note ? [former.note] : []),
    ...unpricedWarnings(unpriced),
  ];
  // Until something waits for it, the limit that nobody has set is no news.
  const shown = outlook.caps.filter((cap) => isUserSet(cap) || cap.waitingJobs > 0);
  return { ...snapshot, jobs, warnings, ...(shown.length > 0 && { budget: shown }) };
}

/** What of the budget shows in a snapshot besides its jobs, in one text. */
export function budgetFacts(store: Store, plan: Plan, nowMs: number): string {
  const force = inForce(store, plan, { nowMs });
  return JSON.stringify(force.caps.length > 0 && [force.caps, force.spent, closedWarnings(store, plan, force)]);
}

type Waits = Partial<Pick<JobSnapshot, 'waitsForMoney' | 'waitsForAmount' | 'reason' | 'mend'>>;

/** What a job is told by that was held for a bill above its reservation, once its route takes creates again. */
function reopened({ state, holdReason }: JobSnapshot, { waitsForMoney }: Waits, { manifest }: SnapshotFrame): Waits {
  if (state !== 'held' || holdReason !== 'price-risen') return {};
  const next = waitsForMoney === undefined ? 'the next run buys it' : `it ${waitWords(waitsForMoney)}`;
  return {
    reason: `${HOLD_REASONS[holdReason].words}; by now creates go there again, and ${next}`,
    mend: waitsForMoney === undefined ? `localize ${manifest}` : waitMend(waitsForMoney, manifest),
  };
}

/** Whether its jobs are read from the state, so that they are what that tells. */
function isAsStored({ jobs }: Plan): boolean {
  return jobs instanceof BatchJobs && jobs.isInState;
}

/** A budget at one moment. */
interface InForce {
  readonly batchId: number;
  readonly caps: readonly BudgetCap[];
  readonly marginPercent: number;
  /** Under each cap. */
  readonly spent: readonly CapSpending[];
  readonly blocks: Blocks;
}

function inForce(
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
  const known = spentUnder(store, caps, { batch: plan.batch, runId, wallMs: nowMs });
  const edited = () => (store === null ? [] : editedCounts(store, plan, caps, former?.renamed));
  const before = next?.paidBefore ?? [...(former?.paid ?? []), ...edited()];
  const spent = withPaidBefore(caps, known, before, nowMs);
  const blocks = store === null ? NOTHING_BLOCKED : routeBlocks(store, caps, bootClock(store).nowMs(), plan.prices);
  return { batchId: batchId ?? NO_BATCH, caps, marginPercent, spent, blocks };
}

const UNCAPPED = { caps: [], marginPercent: 0, spent: [], blocks: NOTHING_BLOCKED } as const;

/** Whether a cap of the manifest or of the batch's last run counts what its jobs cost. */
export function isCapped(store: Store, plan: Plan): boolean {
  const batchId = batchIdOf(store, plan.batch);
  const run = batchId === null ? undefined : lastRun(store, batchId);
  return budgetInForce(plan.budget, run ?? {}).caps.length > 0;
}

/** What the caps count that no job of the batch shows. */
function formerWarnings(store: Store | null, { batchId, caps }: InForce): string[] {
  if (store === null || !caps.some(({ period }) => period === 'batch')) return [];
  return [formerSpendingWords(store, batchId) ?? []].flat();
}

/** What keeps anything from being bought under a cap until there is a price. */
function unpricedWarnings(unpriced: readonly UnpricedAttempt[]): string[] {
  if (unpriced.length === 0) return [];
  return [`${unpricedAttemptWords(unpriced)}; ${unpricedMend(unpriced)}`];
}

/** Routes that a bill has closed, where the plan has a use for them: also when no job is left that would go there. */
function closedWarnings(store: Store | null, { jobs }: Plan, { blocks }: InForce): string[] {
  if (store === null || !areAnyClosed(store)) return [];
  const words = new Set<string>();
  for (const job of jobs) {
    for (const choice of job.choices) {
      const block = blocks(job, choice);
      if (block?.kind === 'closed') words.add(blockWords(choice.route, block));
    }
  }
  return [...words];
}

/**
 * Every job that is still to be bought, or made again, in the order of the plan; what the state does not know of is. What is
 * held and taken up again by the next run begins at its first choice.
 */
function* unboughtJobs(store: Store | null, plan: Plan, { batchId, blocks }: InForce): Generator<Unbought> {
  const standingOf = store === null ? () => undefined : standings(store, batchId);
  const expectedOf = atPricesSeen(store, plan.prices);
  const closed = store === null ? NONE_CLOSED : closedRoutes(store, plan.prices);
  const unmade = store === null ? NONE : unmadeKeys(store, batchId);
  for (const job of notFinished(plan, unmade)) {
    const known = standingOf(job.key);
    const isUnmade = unmade.has(job.key);
    const isHeld = known?.state === 'held' && isTakenUpNow(known.holdReason, job, closed);
    const isWaiting = known === undefined || known.state === 'pending' || known.state === 'staging';
    if (known?.orphaned || !(isWaiting || isHeld || isUnmade)) continue;
    const expected = expectedOf(job);
    const passed = isUnmade || isHeld ? [] : (known?.passed ?? []);
    const left = expected.choices.filter(({ route }) => !passed.includes(route));
    yield toUnbought(expected, left, blocks);
  }
}

/** A run starts over at the first choice of each job. */
function* jobsOfNext(
  store: Store | null,
  { jobs, prices }: Plan,
  { next, force: { blocks } }: { readonly next: NextRun; readonly force: InForce },
): Generator<Unbought> {
  const expectedOf = atPricesSeen(store, prices);
  for (const job of jobs) {
    if (!next.only(job.key)) continue;
    const expected = expectedOf(job);
    yield toUnbought(expected, expected.choices, blocks);
  }
}

const NONE: ReadonlySet<string> = new Set();
const NONE_CLOSED: ReadonlyMap<RouteId, unknown> = new Map();

/** Finished jobs that the last run was told to make again, and that the budget had no room for. */
function unmadeKeys(store: Store, batchId: number): ReadonlySet<string> {
  const keys = prepared<[number], { key: string }>(
    store,
    `SELECT key FROM jobs WHERE batch_id = ? AND remake_waits = 1 AND state = 'succeeded' AND changed IS NOT NULL`,
  ).all(batchId);
  return new Set(keys.map(({ key }) => key));
}

function notFinished({ jobs }: Plan, besides: ReadonlySet<string>): Iterable<PlannedJob> {
  return jobs instanceof BatchJobs ? jobs.unfinished(besides) : jobs;
}

interface Standing {
  readonly state: JobState;
  readonly orphaned: 0 | 1;
  readonly holdReason: HoldReason | null;
  /** Routes that a job has moved on from. */
  readonly passed: readonly RouteId[];
}

function standings(store: Store, batchId: number): (key: string) => Standing | undefined {
  const row = prepared<[number, string], Omit<Standing, 'passed'> & { passed: string | null }>(
    store,
    `SELECT state, orphaned, hold_reason AS holdReason, iif(choice = 0, NULL, (SELECT json_group_array(each.value ->> 'route')
         FROM json_each(planned, '$.choices') each WHERE each.key < choice)) AS passed
       FROM jobs WHERE batch_id = ? AND key = ?`,
  );
  return (key) => {
    const found = row.get(batchId, key);
    return found && { ...found, passed: found.passed === null ? [] : (JSON.parse(found.passed) as RouteId[]) };
  };
}

function lastRun(store: Store, batchId: number) {
  return prepared<[number], { id: string; maxMicros: number | null; agreedMicros: number | null }>(
    store,
    'SELECT id, max_micros AS maxMicros, agreed_micros AS agreedMicros FROM runs WHERE batch_id = ? ORDER BY rowid DESC LIMIT 1',
  ).get(batchId);
}
