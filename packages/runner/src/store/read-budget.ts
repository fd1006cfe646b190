import {
  type BudgetCap,
  type BudgetSettings,
  budgetOutlook,
  isUserSet,
  type Micros,
  type Plan,
  type PlannedJob,
  type Snapshot,
  UNASKED_CAP,
  type UnboughtJob,
} from '@localize/core';
import { closedRoutes } from './closed-routes.js';
import { prepared } from './prepared.js';
import { blockWords, routeBlocks } from './route-blocks.js';
import { withSeenPrices } from './seen-prices.js';
import { capSpending } from './spending.js';
import type { Store } from './store.js';

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
 * A snapshot with how far the budget is used up, and with the jobs marked that wait for money. The cap of the last run
 * counts while that run goes on and after it.
 * @param store `null`: there is no state yet, so that nothing was spent.
 * @param next the jobs of a run to come, which has no cap of its own yet.
 */
export function withBudget(
  store: Store | null,
  snapshot: Snapshot,
  plan: Plan,
  next?: { readonly only: (key: string) => boolean },
): Snapshot {
  const batchId = store === null ? null : batchIdOf(store, plan.batch);
  const run = store === null || batchId === null ? undefined : lastRun(store, batchId);
  const { caps, marginPercent } = budgetInForce(plan.budget, next ? {} : (run ?? {}));
  if (caps.length === 0) return snapshot;
  const spenders = { batchId: batchId ?? NO_BATCH, runId: run?.id ?? null, nowMs: snapshot.takenAtMs };
  const spent = store === null ? [] : caps.map((cap) => capSpending(store, cap, spenders));
  const expected = withSeenPrices(plan, store);
  const blocks: Blocks = store === null ? () => null : routeBlocks(store, caps, snapshot.takenAtMs);
  const unbought = unboughtJobs(snapshot, expected, {
    choices: store === null ? new Map() : nextChoices(store, batchId ?? NO_BATCH),
    blocks,
  });
  const wanted = next ? unbought.filter(({ key }) => next.only(key)) : unbought;
  const outlook = budgetOutlook(caps, spent, wanted, marginPercent);
  const blocked = new Map(unbought.map((job) => [job.key, job.blocked]));
  const jobs = snapshot.jobs.map((job) => {
    const waitsForMoney = outlook.waiting.get(job.key);
    const reason = blocked.get(job.key) ?? null;
    if (reason !== null) return { ...job, reason, mend: blockMend(snapshot) };
    return waitsForMoney === undefined ? job : { ...job, waitsForMoney };
  });
  const warnings = [...snapshot.warnings, ...closedWarnings(store, expected, blocks)];
  // Until something waits for it, the limit that nobody has set is no news.
  const shown = outlook.caps.filter((cap) => isUserSet(cap) || cap.waitingJobs > 0);
  return { ...snapshot, jobs, warnings, ...(shown.length > 0 && { budget: shown }) };
}

function blockMend({ manifest }: Snapshot): string {
  return `set its price in ${manifest.split(' ')[0]}, then: localize ${manifest}`;
}

/** Routes that a bill has closed, where the plan has a use for them: also when no job is left that would go there. */
function closedWarnings(store: Store | null, { jobs }: Plan, blocks: Blocks): string[] {
  if (store === null || closedRoutes(store).size === 0) return [];
  const words = [...jobs].flatMap((job) =>
    job.choices.flatMap((choice) => {
      const block = blocks(job, choice);
      return block?.kind === 'closed' ? [blockWords(choice.route, block.why)] : [];
    }),
  );
  return [...new Set(words)];
}

const NO_BATCH = -1;

type Blocks = ReturnType<typeof routeBlocks>;

interface Unbought extends UnboughtJob {
  /** Why none of its routes takes it; `null` where one may. */
  readonly blocked: string | null;
}

function unboughtJobs(
  { jobs }: Snapshot,
  plan: Plan,
  { choices, blocks }: { choices: ReadonlyMap<string, number>; blocks: Blocks },
): Unbought[] {
  const unbought = jobs.filter(({ state, orphaned }) => !orphaned && (state === 'pending' || state === 'staging'));
  if (unbought.length === 0) return [];
  const wanted = new Set(unbought.map(({ key }) => key));
  const planned = new Map<string, PlannedJob>();
  for (const job of plan.jobs) if (wanted.has(job.key)) planned.set(job.key, job);
  return unbought.flatMap(({ key }) => {
    const job = planned.get(key);
    if (job === undefined) return [];
    const left = job.choices.slice(choices.get(key) ?? 0);
    const offers = left
      .filter((choice) => blocks(job, choice) === null)
      .map(({ provider, estimate }) => ({ provider, estimateMicros: estimate.micros }));
    const [first] = left;
    const block = first && offers.length === 0 ? blocks(job, first) : null;
    const blocked = first && block ? blockWords(first.route, block.why) : null;
    return [{ key, language: job.language, labels: job.labels, offers, blocked }];
  });
}

/** A job may have moved on to another of its choices. */
function nextChoices(store: Store, batchId: number): ReadonlyMap<string, number> {
  const rows = prepared<[number], { key: string; choice: number }>(
    store,
    `SELECT key, choice FROM jobs WHERE batch_id = ? AND state IN ('pending', 'staging')`,
  ).all(batchId);
  return new Map(rows.map(({ key, choice }) => [key, choice]));
}

function batchIdOf(store: Store, name: string): number | null {
  return prepared<[string], { id: number }>(store, 'SELECT id FROM batches WHERE name = ?').get(name)?.id ?? null;
}

function lastRun(store: Store, batchId: number) {
  return prepared<[number], { id: string; maxMicros: number | null; agreedMicros: number | null }>(
    store,
    'SELECT id, max_micros AS maxMicros, agreed_micros AS agreedMicros FROM runs WHERE batch_id = ? ORDER BY started_at DESC LIMIT 1',
  ).get(batchId);
}
