import type { JobSnapshot } from '@localize/core';

/**
 * A document that can be written without having it in memory: the text before its jobs, the text of each of them in their
 * order, and the text after them.
 */
export interface ReportDocument {
  readonly head: Iterable<string>;
  /** @param index its place among all jobs, from 0 */
  readonly job: (job: JobSnapshot, index: number) => string;
  readonly tail: string;
}

/** The whole document. @param jobs those of its {@link Survey} */
export function documentText({ head, job, tail }: ReportDocument, jobs: Iterable<JobSnapshot>): string {
  const pieces = [...head];
  let index = 0;
  for (const each of jobs) {
    pieces.push(job(each, index));
    index += 1;
  }
  return `${pieces.join('')}${tail}`;
}
