import {
  type BillSeen,
  billOf,
  type Estimate,
  expectedEstimate,
  inOrderOfPrice,
  type Micros,
  type Plan,
  type PlannedJob,
  type ProviderId,
  type RouteChoice,
  type RouteId,
  seenMicrosPerSecond,
  withEachJob,
} from '@localize/core';
import { numberAmongLost } from '../attempt-numbers.js';
import { prepared } from '../prepared.js';
import { isOpenIn } from '../schema/attempt-states.js';
import type { Store } from '../store.js';
import { acceptedPrice, acceptedPrices, atAcceptedPrice, type Prices } from './accepted-prices.js';
import { raiseUnbilled } from './expected-prices.js';

/**
 * A choice's estimate; on a route with only a floor price, what the highest price a second that was seen there gives, and
 * on one whose bills above its price were accepted, what those give.
 * @param prices of the batch: what was billed and accepted raises those of them that come to less
 */
export function expectedPrice(store: Store, choice: RouteChoice, durationMs: number | null, prices: Prices): Estimate {
  return billOf(asExpected(choice, durationMs, seenIn(store, prices)));
}

/** What was seen of prices. */
interface Seen {
  /** The highest price a second. */
  readonly onFloor: (choice: RouteChoice) => Micros | null;
  readonly accepted: (route: RouteId) => BillSeen | null;
}

function seenIn(store: Store, prices: Prices): Seen {
  return { onFloor: (choice) => seenPrice(store, choice), accepted: (route) => acceptedPrice(store, route, prices) };
}

function asExpected(choice: RouteChoice, durationMs: number | null, seen: Seen): RouteChoice {
  const { estimate, measured, route } = choice;
  if (estimate.certainty === 'floor') {
    return { ...choice, estimate: expectedEstimate(estimate, seen.onFloor(choice), durationMs) };
  }
  const bill = estimate.certainty === 'exact' ? seen.accepted(route) : null;
  if (bill === null) return choice;
  const raised = measured && { measured: atAcceptedPrice(measured, bill) };
  return { ...choice, estimate: atAcceptedPrice(estimate, bill), ...raised };
}

/**
 * A plan with what is to be expected of every choice's price by this state, and what goes by price in that order, for
 * showing and asking. What a run carries
 * out is the plan as it was made: what was seen may be another amount by the time that it buys.
 * @param store `null`: there is no state yet, so that nothing was seen.
 */
export function withSeenPrices(plan: Plan, store: Store | null): Plan {
  if (store === null) return plan;
  const known = knownPrices(store, plan.prices);
  if (known.areNone) return plan;
  return { ...plan, jobs: withEachJob(plan.jobs, (job) => atSeenPrices(job, known)) };
}

/** All that was seen of prices, read once. */
function knownPrices(store: Store, prices: Prices): Seen & { readonly areNone: boolean } {
  const seen = seenPrices(store);
  const accepted = acceptedPrices(store, prices);
  return {
    areNone: seen.size === 0 && accepted.size === 0,
    onFloor: (choice) => seen.get(placeOf(choice)) ?? null,
    accepted: (route) => accepted.get(route) ?? null,
  };
}

/** How a job's choices come in a run by now; the job itself where that is as it has them. Their estimates stay. */
export function inExpectedOrder(store: Store, prices: Prices): ((job: PlannedJob) => PlannedJob) | null {
  const known = knownPrices(store, prices);
  if (known.areNone) return null;
  return (job) => {
    const expected = job.choices.map((choice) => asExpected(choice, job.durationMs, known));
    const order = inOrderOfPrice(expected);
    if (order === expected) return job;
    return { ...job, choices: order.flatMap((each) => job.choices[expected.indexOf(each)] ?? []) };
  };
}

/** A job at what is to be expected of its prices, for many of them. */
export function atPricesSeen(store: Store | null, prices: Prices): (job: PlannedJob) => PlannedJob {
  const known = store === null ? null : knownPrices(store, prices);
  return known === null || known.areNone ? (job) => job : (job) => atSeenPrices(job, known);
}

/** The same of one job. @param prices of the manifest: a price that was set anew is gone by as it is */
export function withSeenPrice(store: Store | null, job: PlannedJob, prices: Prices): PlannedJob {
  if (store === null) return job;
  return atSeenPrices(job, seenIn(store, prices));
}

function atSeenPrices(job: PlannedJob, seen: Seen): PlannedJob {
  const choices = job.choices.map((choice) => asExpected(choice, job.durationMs, seen));
  const isAsPlanned = choices.every((choice, index) => choice === job.choices[index]);
  return isAsPlanned ? job : { ...job, choices: inOrderOfPrice(choices) };
}

/** A bill for something of a choice's route and resolution. */
export interface Bill {
  readonly choice: RouteChoice;
  readonly micros: Micros;
  readonly durationMs: number;
}

/** A plan with what is to be expected of its prices once these bills are known too. */
export function withBills(plan: Plan, store: Store | null, bills: readonly Bill[]): Plan {
  const told = bills.filter(({ choice }) => choice.estimate.certainty === 'floor');
  if (told.length === 0) return plan;
  const highest = new Map<string, Micros>();
  for (const { choice, micros, durationMs } of told) {
    const known = highest.get(placeOf(choice)) ?? (store && seenPrice(store, choice)) ?? 0;
    highest.set(placeOf(choice), Math.max(known, seenMicrosPerSecond(micros, durationMs)));
  }
  const expected = (choice: RouteChoice, durationMs: number | null): RouteChoice => {
    const seen = highest.get(placeOf(choice)) ?? null;
    return { ...choice, estimate: expectedEstimate(choice.estimate, seen, durationMs) };
  };
  const jobs = withEachJob(plan.jobs, (job) => ({
    ...job,
    choices: inOrderOfPrice(job.choices.map((choice) => expected(choice, job.durationMs))),
  }));
  return { ...plan, jobs };
}

/** Where one price a second holds. */
function placeOf({ route, input }: RouteChoice): string {
  return `${route} ${input.resolution ?? ''}`;
}

/** All of them, by {@link placeOf}: the plan may outlive its look at the state. */
function seenPrices(store: Store): ReadonlyMap<string, Micros> {
  const rows = prepared<[], { route: string; resolution: string; micros: Micros }>(
    store,
    'SELECT route, resolution, micros_per_second AS micros FROM seen_prices',
  ).all();
  return new Map(rows.map(({ route, resolution, micros }) => [`${route} ${resolution}`, micros]));
}

function seenPrice(store: Store, { route, input }: RouteChoice): Micros | null {
  const row = prepared<[string, string], { micros: number }>(
    store,
    'SELECT micros_per_second AS micros FROM seen_prices WHERE route = ? AND resolution = ?',
  ).get(route, input.resolution ?? '');
  return row?.micros ?? null;
}

/**
 * Remembers what a provider billed where its pages only say a minimum: the highest price a second counts, also for what is
 * not billed yet. Within a transaction.
 */
export function rememberPrice(store: Store, choice: RouteChoice, billed: Micros, durationMs: number | null): void {
  const { micros: floorMicros, certainty } = choice.estimate;
  if (certainty !== 'floor' || floorMicros === null || durationMs === null || durationMs <= 0) return;
  const resolution = choice.input.resolution ?? '';
  const highest = prepared<[string, string, number], { micros: Micros }>(
    store,
    `INSERT INTO seen_prices (route, resolution, micros_per_second) VALUES (?, ?, ?)
       ON CONFLICT (route, resolution) DO UPDATE SET micros_per_second = max(micros_per_second, excluded.micros_per_second)
       RETURNING micros_per_second AS micros`,
  ).get(choice.route, resolution, seenMicrosPerSecond(billed, durationMs));
  if (highest) raiseUnbilled(store, { route: choice.route, resolution, floorMicros }, highest.micros);
}

/**
 * Whether a create is out on the route whose price nobody has stated yet; it is waited for no longer than for its slot. One
 * whose reply was lost is waited for as long as it is looked for.
 */
export function awaitsPrice(store: Store, route: RouteId, nowMs: number): boolean {
  const row = prepared<[string, number], { waits: number }>(
    store,
    `SELECT 1 AS waits FROM attempts WHERE (state IN ('intended', 'accepted') OR state = 'uncertain' AND search_at IS NOT NULL)
       AND quoted_micros IS NULL AND billed_micros IS NULL AND route = ? AND slot_until > ? LIMIT 1`,
  ).get(route, nowMs);
  return row !== undefined;
}

/**
 * Whether a provider's staged jobs wait for such a create, by what the rows say: there is one on a route with only a
 * floor price, no price a second has been seen there, and jobs are under way to the provider, none of them to another
 * route.
 */
export function awaitsFirstPrice(store: Store, provider: ProviderId, nowMs: number): boolean {
  const routes = prepared<[string, number], { route: RouteId }>(
    store,
    `SELECT DISTINCT a.route FROM attempts a JOIN jobs j ON j.id = a.job_id, json_each(j.planned, '$.choices') choice
       WHERE ${isOpenIn('a.')} AND a.provider = ? AND a.slot_until > ?
         AND choice.value ->> 'route' = a.route AND choice.value ->> '$.estimate.certainty' = 'floor'
         AND NOT EXISTS (SELECT 1 FROM seen_prices WHERE seen_prices.route = a.route)
         AND EXISTS (${STAGED})
         AND NOT EXISTS (${STAGED} AND next.planned ->> ('$.choices[' || next.choice || '].route') <> a.route)`,
  ).all(provider, nowMs);
  return routes.some(({ route }) => awaitsPrice(store, route, nowMs));
}

const STAGED = `SELECT 1 FROM jobs next WHERE next.provider = a.provider AND next.state = 'staging' AND next.orphaned = 0`;

/** Whether a create whose reply would have told a route's price was given up without it. */
export function wasPriceLost(store: Store, route: RouteId): boolean {
  const row = prepared<[string], { lost: number }>(
    store,
    `SELECT 1 AS lost FROM attempts WHERE state = 'abandoned' AND prediction_id IS NULL
       AND quoted_micros IS NULL AND billed_micros IS NULL AND route = ? LIMIT 1`,
  ).get(route);
  return row !== undefined;
}

/** The create whose reply would have told a route's price: only a person can say what became of it. */
export interface LostPrice {
  readonly key: string;
  /** Its number, where its job has several lost creates. */
  readonly attempt: number | undefined;
  readonly provider: ProviderId;
  readonly batch: string;
  readonly manifestPath: string;
}

/** `null`: no reply was lost there, or the one that was is settled, or is looked for while it holds its slot. */
export function lostPrice(store: Store, route: RouteId, nowMs: number): LostPrice | null {
  const row = prepared<[number, string], Omit<LostPrice, 'attempt'> & { jobId: number }>(
    store,
    `SELECT j.id AS jobId, j.key, a.provider, b.name AS batch, b.manifest_path AS manifestPath
       FROM attempts a JOIN jobs j ON j.id = a.job_id JOIN batches b ON b.id = j.batch_id
       WHERE a.state = 'uncertain' AND (a.search_at IS NULL OR a.slot_until <= ?)
         AND a.quoted_micros IS NULL AND a.billed_micros IS NULL AND a.route = ? ORDER BY a.rowid LIMIT 1`,
  ).get(nowMs, route);
  if (row === undefined) return null;
  const { jobId, ...lost } = row;
  return { ...lost, attempt: numberAmongLost(store, jobId) };
}

/**
 * Whether a route's newest create was accepted and is over without a word of what it cost. Where only a floor is known,
 * to go on would be to buy at a price that nobody knows. A create that was found after its reply was lost does not
 * count, since its reply may have said it.
 */
export function isPriceUntold(store: Store, route: RouteId, nowMs: number): boolean {
  const newest = prepared<[string, number], { untold: number }>(
    store,
    `SELECT quoted_micros IS NULL AND billed_micros IS NULL AS untold FROM attempts NOT INDEXED
       WHERE route = ? AND accepted_at = replied_at AND (state <> 'accepted' OR slot_until <= ?)
       ORDER BY rowid DESC LIMIT 1`,
  ).get(route, nowMs);
  return newest?.untold === 1;
}
