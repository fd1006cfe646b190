import type { JobSnapshot } from './snapshot.js';

/** What a reviewer said of the very output that a job has now. */
export interface MarkSnapshot {
  readonly reviewer: string;
  readonly verdict: 'approve' | 'redo';
  /** For a redo: the route that the reviewer would have it made on; `null` asks for a new seed. */
  readonly route: string | null;
  readonly note: string;
  /** When it was made, in epoch milliseconds. */
  readonly atMs: number;
}

/** What the reviewers of one output come to; `disputed` when they contradict each other, in the route of a redo too. */
export type ReviewState = 'approved' | 'redo' | 'disputed';

/** `null` when nobody has said anything. */
export function reviewState({ marks = [] }: Pick<JobSnapshot, 'marks'>): ReviewState | null {
  const verdicts = new Set(marks.map(({ verdict }) => verdict));
  const routes = new Set(marks.flatMap(({ route }) => route ?? []));
  if (verdicts.size > 1 || routes.size > 1) return 'disputed';
  if (verdicts.has('approve')) return 'approved';
  return verdicts.has('redo') ? 'redo' : null;
}

/**
 * Whether reviewers wanted another output, it was made as they asked, and the very same bytes came of it: nothing is made
 * again before somebody says more.
 */
export function cameOutTheSame(job: Pick<JobSnapshot, 'state' | 'marks' | 'redo'>): boolean {
  return job.state === 'succeeded' && job.redo?.waits === false && !job.redo.overtaken && reviewState(job) === 'redo';
}
