import { formatUsd, type Micros } from '@localize/core';
import { isOwn, type RunContext } from '../run-context.js';
import type { RouteBill } from '../store/money/accepted-prices.js';
import { type ClosedRoute, closeRoute } from '../store/money/closed-routes.js';
import { blockWords } from '../store/money/route-blocks.js';
import { rememberPrice } from '../store/money/seen-prices.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';

/**
 * Learns from what a provider says that an attempt costs. A bill above what the budget had reserved closes the route for
 * creates, since the next ones would pass the caps too; without a budget it is only said. Either is said once a route.
 * @param job the attempt's
 * @param cause what was wrong where it is above that
 */
export function noteBill(
  context: RunContext,
  attempt: AttemptRow,
  job: JobRow,
  stated: Micros,
  cause: ClosedRoute['cause'] = 'price',
): void {
  const choice = job.planned.choices.find(({ route }) => route === attempt.route);
  if (choice === undefined) return;
  rememberPrice(context.store, choice, stated, job.planned.durationMs);
  const { reservedMicros, estimateMicros, route } = attempt;
  const { batch } = context.journal.named(job.id);
  const about = { key: job.key, batch, isOwn: isOwn(context, attempt), route, stated, cause };
  if (reservedMicros !== null) {
    // What was accepted since counts for it too.
    if (stated > reservedMicros && stated > expectedNow(context, attempt))
      close(context, { ...about, expected: reservedMicros, bill: billOf(attempt, job, stated) });
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

/** 0: as when it was bought. */
function expectedNow({ store }: RunContext, { id }: AttemptRow): Micros {
  return findRow(store, attempts, 'WHERE id = ?', id)?.expectedMicros ?? 0;
}

function billOf({ request }: AttemptRow, { planned }: JobRow, billedMicros: Micros): RouteBill {
  const { resolution, frames } = request.input;
  return { billedMicros, resolution, frames, billedMs: planned.heardMs ?? planned.durationMs };
}

function close(context: RunContext, surplus: Surplus & { readonly bill: RouteBill }): void {
  const { key, batch, isOwn, route, stated, expected, cause, bill } = surplus;
  const why = `it billed $${formatUsd(stated)} for ${key} of batch ${batch}, for which $${formatUsd(expected)} was reserved`;
  const opened = closeRoute(context.store, route, {
    why,
    cause,
    bill,
    // Of another batch's prices this one knows nothing.
    price: isOwn ? context.plan.prices[route] : undefined,
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
