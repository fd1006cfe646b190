import { createHash } from 'node:crypto';
import type { Plan, PlannedJobs } from '@localize/core';

const digests = new WeakMap<PlannedJobs, string>();

/** Tells whether all jobs of a plan are what they were at the last run, without a look at any of them. */
export function planDigest({ jobs }: Pick<Plan, 'jobs'>): string {
  const digest = digests.get(jobs) ?? digestOf(jobs);
  digests.set(jobs, digest);
  return digest;
}

/** Tells the digest of jobs that an earlier run has registered, so that they need not be read for it. */
export function rememberDigest(jobs: PlannedJobs, digest: string): void {
  digests.set(jobs, digest);
}

/** Jobs that another list holds too have its digest, where that is known. */
export function rememberDigestOf(jobs: PlannedJobs, same: PlannedJobs): void {
  const digest = digests.get(same);
  if (digest !== undefined) digests.set(jobs, digest);
}

function digestOf(jobs: PlannedJobs): string {
  const hash = createHash('sha256');
  for (const job of jobs) hash.update(JSON.stringify(job)).update('\n');
  return hash.digest('hex');
}
