import {
  type BudgetCap,
  type BudgetSettings,
  type CapSpending,
  HOLD_REASONS,
  isForAmount,
  isUserSet,
  type JobSnapshot,
  type Micros,
  mappedJobs,
  type Plan,
  type PlannedJob,
  type SnapshotFrame,
  type StreamedSnapshot,
  UNASKED_CAP,
  waitMend,
  waitWords,
} from '@localize/core';
import { placedBesideTwins } from '../content/alike-jobs.js';
import { AmountWaits } from './amount-waits.js';
import { BatchJobs } from './batch-jobs.js';
import { bootClock } from './boot-clock.js';
import { areAnyClosed } from './closed-routes.js';
import {
  editedCounts,
  type UnpricedAttempt,
  unpricedAttempts,
  unpricedAttemptWords,
  unpricedMend,
} from './edited-counts.js';
import { type FormerSpending, formerSpendingWords } from './former-jobs.js';
import { jobsLeft, type NextRun, plannedOf } from './jobs-left.js';
import { KnownFree } from './known-free.js';
import { withPaidBefore } from './paid-before.js';
import { WaitingJobs } from './place-waiting.js';
import { prepared } from './prepared.js';
import { blockWords, routeBlocks } from './route-blocks.js';
import { batchIdOf, NO_BATCH, spentUnder } from './spending.js';
import type { Store } from './store.js';
import { type Blocks, NOTHING_BLOCKED, toUnbought } from './unbought.js';

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
  const free = next ? null : new KnownFree(store, plan, force.batchId);
  // Without caps nothing moves the jobs on, and each is told at the price to be expected already.
  const isAsTold = force.caps.length === 0 && (store === null || isAsStored(plan));
  if (isAsTold && !free?.mayRepeat) return free === null || free.areNoneMade ? snapshot : withMade(snapshot, free);
  const { caps } = force;
  const unpriced =
    next?.unpriced ??
    (store === null
      ? []
      : unpricedAttempts(store, plan, caps, { nowMs: snapshot.takenAtMs, ...(former && { renamed: former.renamed }) }));
  const { places, amounts, outlook, takes } = placeLeft(store, plan, { snapshot, force, free, unpriced, next });
  const jobs = mappedJobs(snapshot.jobs, (job) => {
    const taken = takes(job.key) ?? (next?.isFree?.(job.key) ? 'at once' : null);
    if (taken !== null) return takenForFree(job, snapshot, taken);
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

/** What is left to buy, at its places under the caps. */
interface Placed {
  readonly places: WaitingJobs;
  readonly amounts: AmountWaits;
  readonly outlook: ReturnType<WaitingJobs['end']>;
  /** When a job takes for free what is bought once; `null`: it takes nothing. */
  readonly takes: (key: string) => Taken | null;
}

type Taken = 'at once' | 'once it is bought';

/** Places what is left to buy as a plan has it, without what is taken from elsewhere. */
function placeLeft(
  store: Store | null,
  plan: Plan,
  {
    snapshot,
    force: { batchId, caps, marginPercent, spent, blocks },
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
): Placed {
  const left = jobsLeft(store, plan, { next, batchId });
  const made = new Set<string>();
  for (const { planned } of free?.areNoneMade === false ? left : []) if (free?.isMade(planned)) made.add(planned.key);
  const place = (isBought: (key: string) => boolean) => {
    const places = new WaitingJobs(caps, spent, marginPercent);
    const amounts = new AmountWaits(store, { caps, unpriced }, snapshot);
    for (const { job, choices } of left) {
      if (made.has(job.key) || !isBought(job.key)) continue;
      const unbought = toUnbought(job, choices, blocks);
      places.place(unbought);
      amounts.add(unbought);
    }
    return { places, amounts, outlook: places.end() };
  };
  const isLeft = ({ key }: PlannedJob) => !made.has(key);
  const twins = free?.twinsAmong(plannedOf(left, isLeft)) ?? new Map<string, string>();
  const waits = ({ places, outlook }: Pick<Placed, 'places' | 'outlook'>, key: string) =>
    outlook.waiting.has(key) || places.isBlocked(key);
  const { placed, served } = placedBesideTwins(twins, place, waits);
  const takes = (key: string): Taken | null => {
    if (made.has(key)) return 'at once';
    const of = served.get(key);
    return of === undefined ? null : waits(placed, of) ? 'once it is bought' : 'at once';
  };
  return { ...placed, takes };
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

/** Without caps: what is there already costs nothing more. */
function withMade(snapshot: StreamedSnapshot, free: KnownFree): StreamedSnapshot {
  const jobs = mappedJobs(snapshot.jobs, (job) =>
    free.isWaitingMade(job) ? takenForFree(job, snapshot, 'at once') : job,
  );
  return { ...snapshot, jobs };
}

/** A job that waits, or is held, until the next run takes for it what is bought once: there or for another. */
function takenForFree(
  { alternatives: _, ...job }: JobSnapshot,
  { manifest }: SnapshotFrame,
  taken: Taken,
): JobSnapshot {
  const { state, holdReason } = job;
  if (state !== 'pending' && state !== 'staging' && state !== 'held') return job;
  const free = { ...job, estimateMicros: 0 };
  if (taken !== 'at once' || state !== 'held' || holdReason === null || !isForAmount(holdReason)) return free;
  const reason = `${HOLD_REASONS[holdReason].words}; by now the next run takes the same result for it, for free`;
  return { ...free, reason, mend: `localize ${manifest}` };
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

function lastRun(store: Store, batchId: number) {
  return prepared<[number], { id: string; maxMicros: number | null; agreedMicros: number | null }>(
    store,
    'SELECT id, max_micros AS maxMicros, agreed_micros AS agreedMicros FROM runs WHERE batch_id = ? ORDER BY rowid DESC LIMIT 1',
  ).get(batchId);
}
