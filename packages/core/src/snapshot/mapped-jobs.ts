import type { JobSnapshot } from './snapshot.js';

/** The jobs that these become, each changed as it is come to, however often they are gone through. */
export function mappedJobs<T>(jobs: Iterable<T>, change: (job: T) => JobSnapshot): Iterable<JobSnapshot> {
  return {
    *[Symbol.iterator]() {
      for (const job of jobs) yield change(job);
    },
  };
}

/** Those of the jobs that are meant, likewise. */
export function selectedJobs(jobs: Iterable<JobSnapshot>, isMeant: (key: string) => boolean): Iterable<JobSnapshot> {
  return {
    *[Symbol.iterator]() {
      for (const job of jobs) if (isMeant(job.key)) yield job;
    },
  };
}
