import { createHash } from 'node:crypto';
import type { Plan } from '@localize/core';

const digests = new WeakMap<Plan, string>();

/** Tells whether all jobs of a plan are what they were at the last run, without a look at any of them. */
export function planDigest(plan: Plan): string {
  const known = digests.get(plan);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const job of plan.jobs) hash.update(JSON.stringify(job)).update('\n');
  const digest = hash.digest('hex');
  digests.set(plan, digest);
  return digest;
}
