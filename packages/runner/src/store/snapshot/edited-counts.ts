import { type BudgetCap, count, fewOf, isUserSet, type Plan, type PlannedJob, type RouteId } from '@localize/core';
import { BatchJobs } from '../batch-jobs.js';
import { type CapCorrection, countsUnder } from '../money/cap-corrections.js';
import { type UnknownAmount, unknownAmounts } from '../money/expected-prices.js';
import { batchIdOf, NO_BATCH } from '../money/spending.js';
import { prepared } from '../prepared.js';
import { ADOPTED_MONEY } from '../schema/adopted-triggers.js';
import { ATTEMPT_MONEY } from '../schema/spending-triggers.js';
import type { Store } from '../store.js';

/** Jobs of a plan that other jobs, of the batch's former names, were made of the very same as: by the others' ids. */
export type RenamedJobs = ReadonlyMap<number, PlannedJob>;

const NONE_RENAMED: RenamedJobs = new Map();

/**
 * What the sums of the state will count otherwise once a run has taken over the manifest: labels that were edited take their
 * money along, and what nobody knew an amount of counts at the prices that are set by now.
 */
export function editedCounts(
  store: Store,
  plan: Plan,
  caps: readonly BudgetCap[],
  renamed: RenamedJobs = NONE_RENAMED,
): CapCorrection[] {
  const hasLabels = caps.some(({ scope }) => scope.kind === 'label');
  const priced = unknownUnder(store, plan, renamed).flatMap(({ of, ...spender }) => toPriced(of, spender));
  return [...(hasLabels ? relabeled(store, plan) : []), ...priced];
}

type CountedAs = Pick<CapCorrection, 'provider' | 'language' | 'labels' | 'madeAtMs' | 'counts'>;

function toPriced({ countedMicros, expectedMicros, isInFlight }: UnknownAmount, as: CountedAs): CapCorrection[] {
  if (expectedMicros === null || expectedMicros === countedMicros) return [];
  const more = expectedMicros - (countedMicros ?? 0);
  const [inFlightMicros, atRiskMicros] = isInFlight === 1 ? [more, 0] : [0, more];
  return [{ ...as, billedMicros: 0, inFlightMicros, atRiskMicros, unpricedAttempts: countedMicros === null ? -1 : 0 }];
}

/** An attempt of unknown amount, and a cap that counts it, so that nothing may be bought under that cap. */
export interface UnpricedAttempt {
  readonly key: string;
  readonly batch: string;
  readonly route: RouteId;
  readonly provider: string;
  readonly cap: BudgetCap;
  /** Nobody knows whether it was bought at all. */
  readonly isUncertain: boolean;
  /** It failed, and nobody says whether it was charged. */
  readonly isFailed: boolean;
}

/**
 * The attempts of unknown amount that caps count which the user has set, each once.
 * @param plan whose prices say what there is no need to ask for
 */
export function unpricedAttempts(
  store: Store,
  plan: Plan,
  caps: readonly BudgetCap[],
  { nowMs, renamed = NONE_RENAMED }: { readonly nowMs: number; readonly renamed?: RenamedJobs },
): UnpricedAttempt[] {
  const own = caps.filter(isUserSet);
  if (own.length === 0) return [];
  return unknownUnder(store, plan, renamed).flatMap(({ of, ...as }) => {
    const cap = of.expectedMicros === null ? own.find((each) => countsUnder(each, as, nowMs)) : undefined;
    const { key, batch, route, provider } = of;
    const said = { isUncertain: of.isUncertain === 1, isFailed: of.isFailed === 1 };
    return cap === undefined ? [] : [{ key, batch, route, provider, cap, ...said }];
  });
}

/** `budget.max_usd counts 2 attempts of which nobody knows what they cost: keynote/de of batch spring on acme/lips, …` */
export function unpricedAttemptWords(unpriced: readonly UnpricedAttempt[]): string {
  const routes = [...new Set(unpriced.map(({ route }) => route))];
  const jobsOn = (name: RouteId) =>
    unpriced.flatMap(({ route, key, batch }) => (route === name ? [`${key} of batch ${batch}`] : []));
  const lists = routes.map((route) => `${fewOf(jobsOn(route))} on ${route}`);
  const caps = [...new Set(unpriced.map(({ cap }) => cap.name))];
  const one = unpriced.length === 1;
  const what = `${count(unpriced.length, 'attempt')} of which nobody knows what ${one ? 'it costs' : 'they cost'}`;
  return `${caps.join(' and ')} ${caps.length === 1 ? 'counts' : 'count'} ${what}: ${lists.join('; ')}`;
}

/** What lets something be bought beside them: `set providers.acme.price, or settle keynote/de of batch spring, …` */
export function unpricedMend(unpriced: readonly UnpricedAttempt[]): string {
  const fields = [...new Set(unpriced.map(({ provider }) => `providers.${provider}.price`))];
  return `set ${fields.join(' and ')}${unpricedSettle(unpriced)}`;
}

/** The other way, where each has failed, or nobody knows whether it was bought; empty where one was bought and has not ended so. */
export function unpricedSettle(unpriced: readonly UnpricedAttempt[]): string {
  if (!unpriced.every(({ isUncertain, isFailed }) => isUncertain || isFailed)) return '';
  const jobs = fewOf(unpriced.map(({ key, batch }) => `${key} of batch ${batch}`));
  if (unpriced.some(({ isFailed }) => isFailed)) return `, or settle ${jobs} with --charged USD or --not-bought`;
  return `, or settle ${jobs}, as far as nothing was bought there, with --not-bought`;
}

/** What there is of unknown amounts, as the caps of the plan count it. */
function unknownUnder(store: Store, plan: Plan, renamed: RenamedJobs): (CountedAs & { readonly of: UnknownAmount })[] {
  const unknown = unknownAmounts(store, plan.prices);
  if (unknown.length === 0) return [];
  const batchId = batchIdOf(store, plan.batch) ?? NO_BATCH;
  const formerOf = prepared<[number, number], { key: string }>(
    store,
    'SELECT j.key FROM former_jobs f JOIN jobs j ON j.id = f.job_id WHERE f.former_id = ? AND f.batch_id = ?',
  );
  const labelsOf = new Map(Array.from(plan.jobs, ({ key, labels }) => [key, labels]));
  return unknown.flatMap((of) => {
    const { language, labels } = JSON.parse(of.planned) as PlannedJob;
    const isOwn = of.batchId === batchId;
    const as = { provider: of.provider, language, madeAtMs: of.atMs };
    const own = isOwn
      ? { ...as, of, labels: labelsOf.get(of.key) ?? labels }
      : { ...as, of, labels, counts: 'elsewhere' as const };
    const key = renamed.get(of.jobId)?.key ?? formerOf.get(of.jobId, batchId)?.key;
    if (key === undefined) return [own];
    return [own, { ...as, of, labels: labelsOf.get(key) ?? labels, counts: 'former' as const }];
  });
}

/** Money of jobs whose labels are others now: away from the old ones, to the new ones. */
function relabeled(store: Store, plan: Plan): CapCorrection[] {
  const batchId = batchIdOf(store, plan.batch);
  if (batchId === null || (plan.jobs instanceof BatchJobs && plan.jobs.isInState)) return [];
  const planned = new Map(Array.from(plan.jobs, ({ key, labels }) => [key, labels]));
  const rows = prepared<[number], { id: number; key: string; language: string; labels: string }>(
    store,
    `SELECT id, key, planned ->> '$.language' AS language, planned -> '$.labels' AS labels FROM jobs WHERE batch_id = ?`,
  );
  return rows.all(batchId).flatMap(({ id, key, language, labels: before }) => {
    const labels = planned.get(key);
    if (labels === undefined || before === JSON.stringify(labels)) return [];
    const old = JSON.parse(before) as PlannedJob['labels'];
    return moneyOf(store, batchId, id).flatMap((money) => [
      { ...money, language, labels },
      { ...negative(money), language, labels: old },
    ]);
  });
}

type Money = Omit<CapCorrection, 'language' | 'labels'>;

/** All that was spent on a job, under former names too. */
function moneyOf(store: Store, batchId: number, jobId: number): Money[] {
  const rows = prepared<[number, number, number], Money & { isFormer: 0 | 1 }>(
    store,
    `WITH of_job AS (SELECT ? AS id, 0 AS is_former
       UNION ALL SELECT former_id, 1 FROM former_jobs WHERE batch_id = ? AND job_id = ?)
     SELECT provider, intended_at + wall_ahead AS madeAtMs, is_former AS isFormer, ${ATTEMPT_MONEY.billed} AS billedMicros,
            ${ATTEMPT_MONEY.in_flight} AS inFlightMicros, ${ATTEMPT_MONEY.at_risk} AS atRiskMicros,
            ${ATTEMPT_MONEY.unpriced} AS unpricedAttempts
       FROM of_job JOIN attempts ON attempts.job_id = of_job.id
     UNION ALL
     SELECT provider, made_at, is_former, ${ADOPTED_MONEY.billed}, 0, ${ADOPTED_MONEY.atRisk}, ${ADOPTED_MONEY.unpriced}
       FROM of_job JOIN adopted_predictions ON adopted_predictions.job_id = of_job.id`,
  ).all(jobId, batchId, jobId);
  return rows.map(({ isFormer, ...money }) => (isFormer === 1 ? { ...money, counts: 'former' } : money));
}

function negative(money: Money): Money {
  return {
    ...money,
    billedMicros: -money.billedMicros,
    inFlightMicros: -money.inFlightMicros,
    atRiskMicros: -money.atRiskMicros,
    unpricedAttempts: -money.unpricedAttempts,
  };
}
