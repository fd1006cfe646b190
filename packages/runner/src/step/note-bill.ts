import { formatUsd, type Micros } from '@localize/core';
import { isOwn, jobOf, type RunContext } from '../run-context.js';
import { type ClosedRoute, closeRoute } from '../store/closed-routes.js';
import { blockWords } from '../store/route-blocks.js';
import { findRow } from '../store/rows.js';
import { batches } from '../store/schema.js';
import { rememberPrice } from '../store/seen-prices.js';
import type { AttemptRow } from '../store/store.js';

/**
 * Learns from what a provider says that an attempt costs. A bill above what the budget had reserved closes the route for
 * creates, since the next ones would pass the caps too; without a budget it is only said. Either is said once a route.
 * @param cause what was wrong where it is above that
 */
export function noteBill(
  context: RunContext,
  attempt: AttemptRow,
  stated: Micros,
  cause: ClosedRoute['cause'] = 'price',
): void {
  const job = jobOf(context, attempt);
  const choice = job.planned.choices.find(({ route }) => route === attempt.route);
  if (choice === undefined) return;
  rememberPrice(context.store, choice, stated, job.planned.durationMs);
  const { reservedMicros, estimateMicros, route } = attempt;
  const batch = findRow(context.store, batches, 'WHERE id = ?', job.batchId)?.name ?? '';
  const about = { key: job.key, batch, isOwn: isOwn(context, attempt), route, stated, cause };
  if (reservedMicros !== null) {
    if (stated > reservedMicros) close(context, { ...about, expected: reservedMicros });
  } else if (choice.estimate.certainty === 'exact' && estimateMicros !== null && stated > estimateMicros) {
    warn(context, { ...about, expected: estimateMicros });
  }
}

interface Surplus {
  readonly key: string;
  /** Every batch that the closed route is in the way of reads of it. */
  readonly batch: string;
  /** Another batch's bill says as much of the route, but its job is not one of this run's. */
  readonly isOwn: boolean;
  readonly route: string;
  readonly stated: Micros;
  readonly expected: Micros;
  readonly cause: ClosedRoute['cause'];
}

function close(context: RunContext, surplus: Surplus): void {
  const { key, batch, isOwn, route, stated, expected, cause } = surplus;
  const why = `it billed $${formatUsd(stated)} for ${key} of batch ${batch}, for which $${formatUsd(expected)} was reserved`;
  const opened = closeRoute(context.store, route, {
    why,
    cause,
    price: context.plan.prices[route],
    atMs: context.clock.wallMs(),
  });
  if (!opened) return;
  context.journal.tell({
    type: 'problem',
    ...(isOwn && { key }),
    message: blockWords(route, { kind: 'closed', why, cause }),
  });
}

function warn({ spending, journal }: RunContext, { key, isOwn, route, stated, expected }: Surplus): void {
  if (spending.surplusSaid.has(route)) return;
  spending.surplusSaid.add(route);
  const message = `${route} billed $${formatUsd(stated)} for ${key}, which was estimated at $${formatUsd(expected)}`;
  journal.tell({ type: 'problem', ...(isOwn && { key }), message });
}
