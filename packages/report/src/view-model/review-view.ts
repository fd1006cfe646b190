import type { ReviewMark, ReviewVerdict } from '../review/review.js';
import { formatCount } from './format.js';
import type { JobRow } from './job-rows.js';

/** Marks by job key. */
export type Marks = Readonly<Record<string, ReviewMark>>;

/** The mark of this job, if it was made of the very output that is there now. */
export function markOf(marks: Marks, job: JobRow): ReviewMark | null {
  const mark = Object.hasOwn(marks, job.rawKey) ? marks[job.rawKey] : undefined;
  return mark && mark.sha256 === job.sha256 ? mark : null;
}

/** `Your marks: 3 approved, 1 to redo, 8 videos to look at`: those that neither this reviewer nor an imported review has marked. */
export function marksText(marks: Marks, jobs: readonly JobRow[]): string {
  const reviewable = jobs.filter(canReview);
  const count = (verdict: ReviewVerdict) => reviewable.filter((job) => markOf(marks, job)?.verdict === verdict).length;
  const [approved, redo] = [count('approve'), count('redo')];
  const unseen = reviewable.filter((job) => job.review === null && markOf(marks, job) === null).length;
  return `Your marks: ${approved} approved, ${redo} to redo, ${formatCount(unseen, 'video')} to look at`;
}

/** Whether there is an output that a mark can be bound to. */
export function canReview(job: JobRow): boolean {
  return job.outputUrl !== null && job.sha256 !== null;
}

/** Other routes that this batch knows: a redo may name one of them. On its own route it takes a new seed. */
export function redoRoutes(job: JobRow, jobs: readonly JobRow[]): string[] {
  const others = new Set(jobs.map(({ route }) => route));
  others.delete(job.route);
  return [...others].filter((route) => route.includes('/')).sort();
}
