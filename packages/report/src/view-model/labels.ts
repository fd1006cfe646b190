import type { JobSnapshot } from '@localize/core';

/** Every label key that any of the jobs has, sorted. */
export function labelKeys(jobs: readonly JobSnapshot[]): string[] {
  return [...new Set(jobs.flatMap((job) => Object.keys(job.labels)))].sort();
}

/** The job's own value for the key. A key may be called `constructor`: only what the job itself has counts. */
export function labelOf(job: JobSnapshot, key: string): string | null {
  return Object.hasOwn(job.labels, key) ? (job.labels[key] ?? null) : null;
}
