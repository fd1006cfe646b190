import { type BudgetCap, formatUsd, type Micros } from '@localize/core';
import { eq } from 'drizzle-orm';
import { leaveBlockedRoutes } from '../lanes/reassign.js';
import type { RunContext, StagedJob } from '../run-context.js';
import { jobs } from '../store/schema.js';

/**
 * A cap has no room for the next job: nothing under it is bought any more in this run, while all that is out there is
 * followed to its end. Jobs go to a route that the cap does not cover where they have one.
 */
export function meetCap(context: RunContext, cap: BudgetCap, shortMicros: Micros): void {
  const { met } = context.spending;
  const isNews = !met.has(cap);
  met.add(cap);
  if (cap.scope.kind === 'all') context.spending.capped = true;
  else leaveBlockedRoutes(context);
  if (!isNews) return;
  const what = cap.scope.kind === 'all' ? 'no further create leaves' : 'no further create leaves under it';
  const message = `${cap.name} is met, and ${what}: the next job needs $${formatUsd(shortMicros)} more than it leaves`;
  context.journal.tell({ type: 'budget:met', cap: cap.name, message });
}

/** Checked before the run; a price that got lost since must not slip under a cap. */
export function holdUnpriced({ store, journal }: RunContext, { jobId, choice }: StagedJob): void {
  const job = store.db.select().from(jobs).where(eq(jobs.id, jobId)).get();
  if (job?.state !== 'staging') return;
  const message = `${choice.route} has no known price, and the budget caps it: set providers.${choice.provider}.price`;
  journal.moveJob(job, 'hold', { holdReason: 'no-route', failure: { kind: 'invalid-input', message } });
}
