import type { JobSnapshot, Plan, PlannedJob, RedoSnapshot } from '@localize/core';
import { expectedPrice } from './seen-prices.js';
import type { Store } from './store.js';

/**
 * Adds to the redos that wait what making them again would cost, or why no route can, as this plan has it: the estimate
 * of the job itself is that of the route which made the old video.
 * @param store `null`: there is no state, so that no price was seen.
 */
export function redoOutlook(store: Store | null, plan: Plan): (job: JobSnapshot) => JobSnapshot {
  let known: ReadonlyMap<string, PlannedJob> | null = null;
  return (job) => {
    const { redo, orphaned } = job;
    if (!redo?.waits || orphaned) return job;
    known ??= jobsWithRedo(plan);
    return { ...job, redo: { ...redo, ...outlookOf(redo, known.get(job.key), { store, plan, key: job.key }) } };
  };
}

function jobsWithRedo({ jobs }: Plan): ReadonlyMap<string, PlannedJob> {
  const found = new Map<string, PlannedJob>();
  for (const job of jobs) if (job.redo !== undefined) found.set(job.key, job);
  return found;
}

function outlookOf(
  asked: RedoSnapshot,
  planned: PlannedJob | undefined,
  { store, plan, key }: { readonly store: Store | null; readonly plan: Plan; readonly key: string },
): Partial<RedoSnapshot> {
  const refused = plan.refusedRedos?.[key];
  if (refused !== undefined) return { refused };
  const [choice] = planned?.choices ?? [];
  if (choice === undefined || planned?.redo?.route !== asked.route || planned.redo.seed !== asked.seed) {
    // The manifest was edited after it was asked for, and no run has looked at it since.
    return { waits: false, overtaken: true };
  }
  const estimate = store === null ? choice.estimate : expectedPrice(store, choice, planned.durationMs);
  return { estimateMicros: estimate.micros };
}
