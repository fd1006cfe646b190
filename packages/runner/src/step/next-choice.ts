import type { JobRow } from '../store/store.js';

/** Whether there is a further route that a job may be bought on. */
export function hasNextChoice(job: JobRow): boolean {
  return job.choice + 1 < job.planned.choices.length;
}

/** What a job's row says once it goes to that route; `provider` is `null` where there is none. */
export function nextChoice(job: JobRow): { choice: number; provider: string | null } {
  const choice = job.choice + 1;
  return { choice, provider: job.planned.choices[choice]?.provider ?? null };
}
