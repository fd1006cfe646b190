import type { JobSnapshot } from '@localize/core';
import type { Tally } from './tally.js';

/** Every label key that any of the jobs has, sorted. */
export class LabelKeysTally implements Tally<string[]> {
  readonly #keys = new Set<string>();

  add(job: JobSnapshot): void {
    for (const key of Object.keys(job.labels)) this.#keys.add(key);
  }

  result(): string[] {
    return [...this.#keys].sort();
  }
}

/** The job's own value for the key. A key may be called `constructor`: only what the job itself has counts. */
export function labelOf(job: JobSnapshot, key: string): string | null {
  return Object.hasOwn(job.labels, key) ? (job.labels[key] ?? null) : null;
}
