import { type ReviewState, reviewState } from '@localize/core';
import { placeOf } from '../../content/whole-output.js';
import type { Journal } from '../journal.js';
import { prepared } from '../prepared.js';
import { withStanding } from '../standing.js';
import type { JobRow, Store } from '../store.js';
import { marksOf } from './redos.js';
import { isApproved } from './review-marks.js';

/** Why no other video is wanted any more: it is approved, or what its reviewers say by now of the redo that it was made for. */
export type Unwanted = 'approved' | 'redo-ended' | 'redo-approved' | 'redo-disputed' | 'redo-other';

/**
 * Gives a job that was to be made again its video back where its reviewers want no other any more, or another one than this:
 * they may have spoken since the run began. Costs nothing of a job that has no earlier video. The caller knows that nothing
 * was bought for it.
 * @param includeApproved the user has approved videos made again too
 * @returns why; `null`: it is to be made again as it was
 */
export function takeBackUnwanted(journal: Journal, job: JobRow, includeApproved: boolean): Unwanted | null {
  const { standing } = job;
  if (standing === null || job.output !== null) return null;
  const { output, despiteApproval = false } = standing;
  const isSpared = !includeApproved && !despiteApproval && isApproved(journal.store, { id: job.id, output });
  const why = redoSince(journal.store, job, output.sha256) ?? (isSpared ? 'approved' : null);
  if (why === null) return null;
  journal.moveJob(job, 'restore', { ...withStanding(standing), edited: placeOf(output) === 'other' });
  return why;
}

const BY_REVIEW: Readonly<Record<ReviewState, Unwanted>> = {
  approved: 'redo-approved',
  disputed: 'redo-disputed',
  redo: 'redo-other',
};

/** What has come of the redo that a job is made for; `null` where it holds, or the job is made for none. */
function redoSince(store: Store, { id, planned }: JobRow, sha256: string): Unwanted | null {
  if (planned.redo === undefined) return null;
  const { route, seed } = planned.redo;
  const holds = prepared<[number, string | null, number | null], unknown>(
    store,
    'SELECT 1 FROM redos WHERE job_id = ? AND route IS ? AND seed IS ?',
  ).get(id, route, seed);
  if (holds !== undefined) return null;
  const said = reviewState({ marks: marksOf(store, id, sha256) });
  return said === null ? 'redo-ended' : BY_REVIEW[said];
}
