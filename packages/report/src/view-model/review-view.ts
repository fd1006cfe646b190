import type { ReviewMark, ReviewVerdict } from '../review/review.js';
import { formatCount } from './format.js';
import type { JobRow } from './job-rows.js';

/** Marks by job key. */
export type Marks = Readonly<Record<string, ReviewMark>>;

/** Notes by job key, written before there was a mark that they could go with. */
export type Notes = Readonly<Record<string, string>>;

/** The mark of this job, if it was made of the very video that it has now. */
export function markOf(marks: Marks, job: JobRow): ReviewMark | null {
  if (!canReview(job)) return null;
  const mark = Object.hasOwn(marks, job.rawKey) ? marks[job.rawKey] : undefined;
  return mark && mark.sha256 === job.sha256 ? mark : null;
}

/**
 * `Your marks: 3 approved, 1 to redo, 8 videos to look at, 1 note without a mark`: to look at are those that neither this
 * reviewer nor an imported review has marked.
 */
export function marksText(marks: Marks, jobs: readonly JobRow[], notes: Notes): string {
  const reviewable = jobs.filter(canReview);
  const count = (verdict: ReviewVerdict) => reviewable.filter((job) => markOf(marks, job)?.verdict === verdict).length;
  const [approved, redo] = [count('approve'), count('redo')];
  const unseen = reviewable.filter((job) => job.review === null && markOf(marks, job) === null).length;
  const unmarked = reviewable.filter((job) => notes[job.rawKey]?.trim() && markOf(marks, job) === null).length;
  const waiting = unmarked === 0 ? '' : `, ${formatCount(unmarked, 'note')} without a mark`;
  return `Your marks: ${approved} approved, ${redo} to redo, ${formatCount(unseen, 'video')} to look at${waiting}`;
}

/** Whether there is a finished video that a mark can be bound to. One that is held or replaced has its reason, and its command. */
export function canReview({ state, isReplaced, outputUrl, sha256 }: JobRow): boolean {
  return state === 'succeeded' && !isReplaced && outputUrl !== null && sha256 !== null;
}
