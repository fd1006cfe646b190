import { basename } from 'node:path';
import type { JobSnapshot } from '@localize/core';

/** Jobs of different folders ask for different videos, so that one test's predictions never look like another's. */
export function tagOf(dir: string): string {
  return basename(dir).padStart(4, '0');
}

/** Which of a folder's jobs a prediction was made for: its prompt names the take; `null`: none of them. */
export function takeOf(dir: string, inputs: Readonly<Record<string, unknown>>): number | null {
  const match = new RegExp(`Presenter of ${tagOf(dir)}, take (\\d+)`).exec(JSON.stringify(inputs));
  return match ? Number(match[1]) : null;
}

/** Which of its manifest's takes a job is, from 0. */
export function positionOf(job: JobSnapshot): number {
  return Number(job.videoId.split('-')[1]);
}
