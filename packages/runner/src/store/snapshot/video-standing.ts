import {
  type JobSnapshot,
  MADE_AGAIN_THEN,
  mendMissing,
  NOT_ON_DISK,
  OUTPUT_MISSING,
  remakingWords,
  reviewState,
} from '@localize/core';
import { placeOf } from '../../content/whole-output.js';
import type { JobReview } from '../review/review-marks.js';
import type { JobRow, Store, ToldAttempt } from '../store.js';
import { isFileInWay, OTHER_IN_PLACE, troubleOf, withdrawalOf, withoutStop } from './job-trouble.js';
import { asItIs, type SnapshotOptions } from './snapshot-options.js';

/** What is told of a finished job whose video is not on disk; one that left the manifest is fetched by no run. */
export function missing({ key, orphaned }: JobRow, { manifest }: SnapshotOptions): Partial<JobSnapshot> {
  if (orphaned) return { output: null };
  return { missing: true, output: null, reason: OUTPUT_MISSING.words, mend: mendMissing({ manifest, key }) };
}

/**
 * How the making of another video stands, of a job that is shown as it was before; and whether that is still on disk. Where
 * another file lies in its place, nothing is made before that is moved away.
 */
export function remakingOf(
  store: Store,
  stored: JobRow,
  { own, row, told }: { own: readonly ToldAttempt[]; row: JobRow; told: JobSnapshot },
  options: SnapshotOptions,
): Partial<JobSnapshot> {
  const { manifest } = options;
  const { state, holdReason, standing } = stored;
  const remaking = { state, holdReason };
  if (row.edited) return { remaking, reason: `${told.reason}; ${MADE_AGAIN_THEN}` };
  const trouble = troubleOf(store, stored, own, options);
  const reason = trouble.reason === null ? null : remakingWords(state, trouble.reason);
  if (standing === null || placeOf(standing.output) !== 'nothing') return { remaking, reason, mend: trouble.mend };
  const back = withdrawalOf(store, stored, manifest);
  const mends = [trouble.mend, back].filter((mend) => mend !== null);
  const gone = {
    missing: true,
    output: null,
    reason: `${reason ?? 'it is to be made again'}; ${NOT_ON_DISK}`,
  } as const;
  return { remaking, ...gone, mend: mends.length === 0 ? null : mends.join(' | ') };
}

/** Of a job for which another video was bought that is not there. */
export function earlierVideo(
  row: JobRow,
  { told, review, showPath = asItIs }: SnapshotOptions & { told: JobSnapshot; review: JobReview | undefined },
): Partial<JobSnapshot> {
  const { state, standing } = row;
  if (state === 'succeeded' || standing === null) return {};
  const place = placeOf(standing.output);
  if (place === 'own') {
    const { path, sha256, durationMs } = standing.output;
    const said = reviewState({ marks: review?.standingMarks ?? [] });
    return { earlierVideo: { output: showPath(path), sha256, durationMs, review: said } };
  }
  const words = place === 'nothing' ? 'its earlier video is not on disk' : OTHER_IN_PLACE;
  const reason = isFileInWay(row) ? told.reason : `${withoutStop(told.reason ?? 'it is being made again')}; ${words}`;
  return { earlierOffDisk: place === 'nothing' ? 'missing' : 'replaced', reason };
}
