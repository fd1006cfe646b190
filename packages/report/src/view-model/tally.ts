import type { JobSnapshot } from '@localize/core';

/** What is worked out in one pass over the jobs of a batch, so that none of them has to stay in memory. */
export interface Tally<T> {
  add(job: JobSnapshot): void;
  /** What the jobs come to; nothing is added after it. */
  result(): T;
}

/** Goes over all jobs once. */
export function tallied<T>(jobs: Iterable<JobSnapshot>, tally: Tally<T>): T {
  for (const job of jobs) tally.add(job);
  return tally.result();
}
