import {
  covers,
  type Estimate,
  type Failure,
  formatUsd,
  type HoldReason,
  isUserSet,
  type PlannedJob,
  type RouteChoice,
  unknownUnder,
} from '@localize/core';
import { and, eq, isNull } from 'drizzle-orm';
import { isSelected, type RunContext } from '../run-context.js';
import { blockWords, routeBlocks, unpricedRouteWords } from '../store/money/route-blocks.js';
import { expectedPrice } from '../store/money/seen-prices.js';
import { findRows } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { whyClosedFor } from './lane-keys.js';
import { laneRow } from './lane-row.js';

/** Holds the jobs that no route takes, by name and with each route's reason; nothing was bought for them. */
export function holdRouteless(context: RunContext): void {
  const routeless = context.store.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.batchId, context.batchId), eq(jobs.state, 'pending'), isNull(jobs.provider)))
    .all();
  for (const job of routeless) {
    if (job.orphaned || !isSelected(context, job.key)) continue;
    const reasons = job.planned.ineligible.map(({ route, reason }) => `${route}: ${reason}`);
    const message = reasons.length > 0 ? reasons.join('; ') : 'a file of it is missing or unusable';
    context.journal.moveJob(job, 'hold', { holdReason: 'no-route', failure: { kind: 'invalid-input', message } });
  }
}

/**
 * Moves jobs on whose provider has no open lane: to their next choice that has one, else they are held. Nothing was
 * bought for them, so this is free; a failed or uncertain purchase never comes this way.
 */
export function reassign(context: RunContext): void {
  const { open } = laneStates(context);
  const unreachable = [...context.providersInPlan].filter((provider) => !open.has(provider));
  if (unreachable.length === 0) return;
  for (const provider of unreachable) context.staged.get(provider)?.splice(0);
  const marks = unreachable.map(() => '?').join(', ');
  moveOn(
    context,
    findRows(context.store, jobs, `${WAITING} AND provider IN (${marks})`, context.batchId, ...unreachable),
  );
}

/** The same for all jobs that wait, when a route has closed or turned out to have no price. */
export function leaveBlockedRoutes(context: RunContext): void {
  moveOn(context, findRows(context.store, jobs, WAITING, context.batchId));
}

/** Jobs that move on in one turn of the loop. */
const AT_ONCE = 64;

/** The same for jobs that the budget has no room for on their choice; one without another waits for money as it is. */
export function passOnUnaffordable(context: RunContext): void {
  const ids = context.spending.purses?.misplaced(AT_ONCE) ?? [];
  if (ids.length === 0) return;
  const marks = ids.map(() => '?').join(', ');
  moveOn(context, findRows(context.store, jobs, `${WAITING} AND id IN (${marks})`, context.batchId, ...ids));
}

/**
 * The next choice of a job that another provider sells: one that can be bought now, else one that waits for money; `null`
 * where there is none.
 */
export function choiceElsewhere(
  context: RunContext,
  { planned, choice }: JobRow,
): { choice: number; provider: string; route: string } | null {
  const left = planned.choices[choice]?.provider;
  const obstacleTo = obstacles(context);
  const later = planned.choices
    .map(({ provider, route }, index) => ({ choice: index, provider, route }))
    .filter((each) => each.choice > choice && each.provider !== left)
    .map((each) => ({ each, obstacle: obstacleTo(planned, planned.choices[each.choice] as RouteChoice) }));
  const next =
    later.find(({ obstacle }) => obstacle === null) ?? later.find(({ obstacle }) => obstacle?.kind === 'money');
  return next?.each ?? null;
}

const WAITING =
  "WHERE batch_id = ? AND state IN ('pending', 'staging') AND orphaned = 0 AND id IN (SELECT job_id FROM temp.selected)";

/** What waits for another job's result is served by it, whatever becomes of the lane that it was made on. */
function moveOn(context: RunContext, rows: readonly JobRow[]): void {
  const { twins, spending } = context;
  const waiting = rows.filter(({ id }) => !twins.has(id) && !spending.purses?.served.has(id));
  if (waiting.length === 0) return;
  const obstacleTo = obstacles(context);
  context.journal.transact(() => {
    for (const job of waiting) moveJobOn(context, job, (choice) => obstacleTo(job.planned, choice));
  });
}

/** What keeps a choice from being bought. */
type Obstacle = { readonly kind: 'lane'; readonly why: string | null } | { readonly kind: 'money' } | ToldObstacle;

interface ToldObstacle {
  readonly kind: 'route' | 'unpriced' | 'unagreed' | 'lost';
  readonly why: string;
}

function moveJobOn(context: RunContext, job: JobRow, obstacleTo: (choice: RouteChoice) => Obstacle | null): void {
  const { journal } = context;
  const left = job.planned.choices.slice(job.choice);
  const found = left.map(obstacleTo);
  if (found[0] === null) return;
  const pending = job.state === 'staging' ? journal.moveJob(job, 'unstage') : job;
  const open = found.indexOf(null);
  // Without one that is open, it waits for money where that is all it needs.
  const next = open > 0 ? open : found.findIndex((obstacle) => obstacle?.kind === 'money');
  if (next > 0) journal.patchJob(pending, { choice: job.choice + next, provider: left[next]?.provider ?? null });
  else if (next < 0) journal.moveJob(pending, 'hold', whyHeld(job, found, obstacleTo));
}

/** Of all that keeps its choices from being bought, what a person can do most about. */
function whyHeld(
  job: JobRow,
  found: readonly (Obstacle | null)[],
  obstacleTo: (choice: RouteChoice) => Obstacle | null,
): { holdReason: HoldReason; failure: Failure } {
  const first = (...kinds: ToldObstacle['kind'][]) =>
    found.find((obstacle): obstacle is ToldObstacle => kinds.some((kind) => obstacle?.kind === kind));
  const closed = first('route');
  if (closed) return { holdReason: 'price-risen', failure: { kind: 'payment', message: closed.why } };
  const lost = first('lost');
  if (lost) return { holdReason: 'price-lost', failure: { kind: 'uncertain', message: lost.why } };
  const unpriced = first('unpriced', 'unagreed');
  if (unpriced) {
    const message = [...closedWords(found), unpriced.why].join('; ');
    const holdReason = unpriced.kind === 'unagreed' ? 'price-unagreed' : 'price-unknown';
    return { holdReason, failure: { kind: 'invalid-input', message } };
  }
  // What it has left before may have been a lane that closed, too.
  const closedLanes = closedWords(job.planned.choices.map(obstacleTo));
  const message = [...besidesLanes(job), ...closedLanes].join('; ') || 'there is no key for it';
  return { holdReason: 'lane-closed', failure: { kind: 'auth', message } };
}

/** Why it has left a route that was open; a refused key is told by its lane. */
function besidesLanes({ choice, failure }: JobRow): string[] {
  const isOfLane = failure?.kind === 'auth' || failure?.kind === 'payment';
  return choice > 0 && failure !== null && !isOfLane ? [failure.message] : [];
}

/** What closed them, once each, whichever reply a job met itself. */
function closedWords(found: readonly (Obstacle | null)[]): string[] {
  return [...new Set(found.flatMap((obstacle) => (obstacle?.kind === 'lane' && obstacle.why ? [obstacle.why] : [])))];
}

function obstacles(context: RunContext): (job: PlannedJob, choice: RouteChoice) => Obstacle | null {
  const { closed, open } = laneStates(context);
  const { prices } = context.plan;
  const blocks = routeBlocks(context.store, context.budget.caps, context.clock.nowMs(), prices);
  // No yes lifts what blocks a route under the user's own caps.
  const lastingBlocks = routeBlocks(
    context.store,
    context.budget.caps.filter(isUserSet),
    context.clock.nowMs(),
    prices,
  );
  const fits = context.spending.purses?.fits() ?? (() => true);
  return (job, choice) => {
    const { language, labels } = job;
    const { route, provider } = choice;
    if (!open.has(provider)) return { kind: 'lane', why: closed.get(provider) ?? null };
    const caps = context.budget.caps.filter((each) => covers(each, { provider, language, labels }));
    const [cap] = caps;
    if (cap === undefined) return null;
    const expected = expectedPrice(context.store, choice, job.durationMs, prices);
    const unknown = unknownUnder(caps, expected);
    if (unknown === 'capped') return { kind: 'unpriced', why: unpricedRouteWords(choice, cap) };
    const block = (unknown === 'unagreed' ? lastingBlocks : blocks)(job, choice);
    if (block?.kind === 'closed') return { kind: 'route', why: block.why };
    if (block?.kind === 'untold') return { kind: 'unpriced', why: blockWords(route, block) };
    if (block?.kind === 'lost') return { kind: 'lost', why: block.why };
    if (unknown === 'unagreed') return { kind: 'unagreed', why: unagreedWords(choice, expected) };
    return fits(job, choice) ? null : { kind: 'money' };
  };
}

function unagreedWords({ route, provider }: RouteChoice, { micros }: Estimate): string {
  const price = micros === null ? 'has no known price' : `costs at least $${formatUsd(micros)}, nobody knows how much`;
  return `${route} ${price}, and nobody has agreed to that: add --yes, or set providers.${provider}.price`;
}

/** Providers with an open lane, and of those that have closed ones, each with its name and why. */
function laneStates(context: RunContext): { open: Set<string>; closed: Map<string, string> } {
  const open = new Set<string>();
  const closed = new Map<string, string>();
  for (const lane of context.lanes) {
    const { provider, display } = lane;
    const why = whyClosedFor(lane, laneRow(context.store, lane));
    const earlier = closed.get(provider);
    if (why) closed.set(provider, [...(earlier ? [earlier] : []), `${provider} (${display}): ${why}`].join('; '));
    else open.add(provider);
  }
  return { open, closed };
}
