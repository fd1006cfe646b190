import type { JobSnapshot } from './snapshot.js';

/** The same jobs, each changed as it is come to, however often they are gone through. */
export function mappedJobs(
  jobs: Iterable<JobSnapshot>,
  change: (job: JobSnapshot) => JobSnapshot,
): Iterable<JobSnapshot> {
  return {
    *[Symbol.iterator]() {
      for (const job of jobs) yield change(job);
    },
  };
}
