import { billOf, type JobSnapshot, type Plan, type PlannedJob, type Redo, type RedoSnapshot } from '@localize/core';
import { jobsNamed } from '../batch-jobs.js';
import { withSeenPrice } from '../money/seen-prices.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/**
 * Adds to the redos that wait what making them again would cost, or why no route can, as this plan has it: the estimate
 * of the job itself is that of the route which made the old video. One that was asked for after the plan was made, as while its
 * run is at work, waits like the others.
 * @param store `null`: there is no state, so that nobody has asked for any.
 */
export function redoOutlook(store: Store | null, plan: Plan): (job: JobSnapshot) => JobSnapshot {
  if (store === null) return (job) => job;
  let known: ReadonlyMap<string, KnownRedos> | null = null;
  return (job) => {
    const { redo, orphaned } = job;
    if (!redo?.waits || orphaned) return job;
    known ??= jobsWithRedo(store, plan);
    return { ...job, redo: { ...redo, ...outlookOf(redo, known.get(job.key), { store, plan, key: job.key }) } };
  };
}

/** A job as the plan has it, and what its reviewers have asked for so far, oldest first. */
interface KnownRedos {
  readonly planned: PlannedJob;
  readonly asked: readonly Redo[];
}

function jobsWithRedo(store: Store, { batch, jobs }: Plan): ReadonlyMap<string, KnownRedos> {
  const rows = prepared<[string], Redo & { key: string }>(
    store,
    `SELECT j.key, r.route, r.seed, r.preference FROM redos r JOIN jobs j ON j.id = r.job_id
       JOIN batches b ON b.id = j.batch_id WHERE b.name = ? ORDER BY r.id`,
  ).all(batch);
  const byKey = new Map<string, Redo[]>();
  for (const { key, ...redo } of rows) byKey.set(key, [...(byKey.get(key) ?? []), redo]);
  const planned = jobsNamed(jobs, new Set(byKey.keys()));
  return new Map(planned.map((job) => [job.key, { planned: job, asked: byKey.get(job.key) ?? [] }]));
}

function outlookOf(
  redo: RedoSnapshot,
  known: KnownRedos | undefined,
  { store, plan, key }: { readonly store: Store; readonly plan: Plan; readonly key: string },
): Partial<RedoSnapshot> {
  const refused = plan.refusedRedos?.[key];
  if (refused !== undefined) return { refused };
  if (known === undefined || isOvertaken(redo, known)) return { waits: false, overtaken: true };
  const { choices } = withSeenPrice(store, known.planned, plan.prices);
  const choice = choices.find(({ route }) => redo.route === null || route === redo.route);
  // The plan has not looked at that route for it.
  if (choice === undefined) return {};
  return { estimateMicros: billOf(choice).micros };
}

/** The manifest was edited after it was asked for, and no run has looked at it since. */
function isOvertaken({ route, seed }: RedoSnapshot, { planned, asked }: KnownRedos): boolean {
  const isIt = (redo: Pick<Redo, 'route' | 'seed'>) => redo.route === route && redo.seed === seed;
  if (planned.redo !== undefined && isIt(planned.redo)) return false;
  const preference = asked.findLast(isIt)?.preference ?? null;
  return preference !== null && preference !== planned.preference;
}
