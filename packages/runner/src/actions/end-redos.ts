import { and, eq } from 'drizzle-orm';
import { placeOf } from '../content/whole-output.js';
import { openAttempt } from '../store/open-attempt.js';
import { batches, jobs, marks, redos } from '../store/schema/schema.js';
import type { StandingVideo } from '../store/schema/stored-types.js';
import { withStanding } from '../store/standing.js';
import type { JobRow, Store } from '../store/store.js';
import { type ActionContext, type ActionOptions, withBatch } from './actions.js';
import type { WithdrawnMark } from './withdraw-marks.js';

/** What became of redos that were to be ended. */
export interface EndedRedos {
  readonly withdrawn: readonly WithdrawnMark[];
  /** Jobs whose redo cannot be ended, with the reason. */
  readonly kept: readonly { readonly key: string; readonly why: string }[];
}

/**
 * Ends redos for which another video was bought already: where that failed, came out too short or was canceled, the job has the video again
 * that its reviewers saw, and what they said of that is taken back. What was paid stays counted.
 * @throws LocalizeError JOB_UNKNOWN, BATCH_LOCKED
 */
export async function endRedos(options: ActionOptions, isMeant: (key: string) => boolean): Promise<EndedRedos> {
  if (boughtRedos(options.store, options.batch, isMeant).length === 0) return { withdrawn: [], kept: [] };
  return withBatch(options, (context) => {
    const ended = { withdrawn: [] as WithdrawnMark[], kept: [] as { key: string; why: string }[] };
    for (const { job, standing } of boughtRedos(options.store, options.batch, isMeant)) {
      const why = whyKept(options.store, job, standing);
      if (why === null) ended.withdrawn.push(...endRedo(context, job, standing));
      else ended.kept.push({ key: job.key, why });
    }
    return ended;
  });
}

/** Jobs that a redo has taken out of what they were, apart from those that wait or are held before anything was bought. */
function boughtRedos(store: Store, batch: string, isMeant: (key: string) => boolean) {
  return store.db
    .select({ job: jobs, sha256: redos.sha256 })
    .from(redos)
    .innerJoin(jobs, eq(redos.jobId, jobs.id))
    .innerJoin(batches, eq(jobs.batchId, batches.id))
    .where(eq(batches.name, batch))
    .all()
    .flatMap(({ job, sha256 }) => {
      const { standing } = job;
      const isStopped = job.state === 'failed' || job.state === 'canceled' || job.holdReason === 'too-short';
      const isOver = isStopped || openAttempt(store, job) !== undefined;
      return standing?.output.sha256 === sha256 && isOver && isMeant(job.key) ? [{ job, standing }] : [];
    });
}

function whyKept(store: Store, job: JobRow, { output }: StandingVideo): string | null {
  if (openAttempt(store, job))
    return 'another video is bought for it, or may be, and nobody knows yet what comes of that';
  // One that is not there is fetched again by the next run, as any finished one.
  return placeOf(output) === 'other'
    ? 'another file lies in the place of the video that it was said of: move it away'
    : null;
}

function endRedo({ journal }: ActionContext, job: JobRow, standing: StandingVideo): WithdrawnMark[] {
  const { store } = journal;
  const { sha256 } = standing.output;
  return journal.transact(() => {
    const said = store.db
      .delete(marks)
      .where(and(eq(marks.jobId, job.id), eq(marks.sha256, sha256)))
      .returning()
      .all();
    store.db
      .delete(redos)
      .where(and(eq(redos.jobId, job.id), eq(redos.sha256, sha256)))
      .run();
    journal.moveJob(job, 'restore', withStanding(standing));
    return said.map(({ reviewer, verdict }) => ({ key: job.key, reviewer, verdict }));
  });
}
