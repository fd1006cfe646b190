import type { Failure } from '@localize/core';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { isSelected, type RunContext } from '../run-context.js';
import { findRow } from '../store/rows.js';
import { attempts, jobs, lanes } from '../store/schema.js';
import type { JobRow } from '../store/store.js';

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

/** Holds the jobs whose prediction no key of this run can ask for: they would seem to be under way for ever. */
export function holdKeyless(context: RunContext): void {
  const open = new Set(context.lanes.map(({ id }) => id));
  const bought = context.store.db
    .select({ job: jobs, attempt: attempts })
    .from(jobs)
    .innerJoin(attempts, eq(jobs.attemptId, attempts.id))
    .where(and(eq(jobs.batchId, context.batchId), eq(jobs.state, 'processing'), eq(attempts.state, 'accepted')))
    .all();
  for (const { job, attempt } of bought) {
    if (open.has(attempt.laneId) || !isSelected(context, job.key)) continue;
    const message = `${attempt.provider} was asked with ${attempt.laneDisplay}`;
    context.journal.moveJob(job, 'hold', { holdReason: 'key-missing', failure: { kind: 'auth', message } });
  }
}

/**
 * Moves jobs on whose provider has no open lane: to their next choice that has one, else they are held. Nothing was
 * bought for them, so this is free; a failed or uncertain purchase never comes this way.
 */
export function reassign(context: RunContext): void {
  const { closed, open } = laneStates(context);
  const unreachable = [...context.providersInPlan].filter((provider) => !open.has(provider));
  if (unreachable.length === 0) return;
  for (const provider of unreachable) context.staged.get(provider)?.splice(0);
  context.journal.transact(() => {
    const waiting = context.store.db
      .select()
      .from(jobs)
      .where(
        and(
          eq(jobs.batchId, context.batchId),
          inArray(jobs.state, ['pending', 'staging']),
          inArray(jobs.provider, unreachable),
        ),
      )
      .all();
    for (const job of waiting) moveOn(context, job, open, closed);
  });
}

function moveOn(
  context: RunContext,
  job: JobRow,
  open: ReadonlySet<string>,
  closed: ReadonlyMap<string, string>,
): void {
  if (job.orphaned || !isSelected(context, job.key)) return;
  const choice = job.planned.choices.findIndex((each, index) => index >= job.choice && open.has(each.provider));
  const provider = job.planned.choices[choice]?.provider;
  const pending = job.state === 'staging' ? context.journal.moveJob(job, 'unstage') : job;
  if (provider !== undefined) return context.journal.patchJob(pending, { choice, provider });
  const message = (job.provider !== null && closed.get(job.provider)) || 'there is no key for it';
  const failure: Failure = job.failure ?? { kind: 'auth', message };
  context.journal.moveJob(pending, 'hold', { holdReason: 'lane-closed', failure });
}

function laneStates(context: RunContext): { open: Set<string>; closed: Map<string, string> } {
  const open = new Set<string>();
  const closed = new Map<string, string>();
  for (const lane of context.lanes) {
    const row = findRow(context.store, lanes, 'WHERE id = ?', lane.id);
    if (row?.closed) closed.set(lane.provider, row.closed);
    else open.add(lane.provider);
  }
  return { open, closed };
}
