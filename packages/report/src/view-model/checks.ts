import type { JobSnapshot } from '@localize/core';
import { formatDuration } from './format.js';

/** A measured fact about an output beside what it should be. */
export interface Check {
  readonly name: string;
  readonly result: 'good' | 'bad' | 'unknown';
  readonly text: string;
}

const SLACK_MS = 500;
const SLACK_SHARE = 0.02;

/** The length of the output against its track, with the tolerance under which the runner accepts it. */
export function lengthCheck(job: JobSnapshot): Check {
  const { outputDurationMs: output, trackDurationMs: track } = job;
  const name = 'Length';
  if (output === null) return { name, result: 'unknown', text: 'no output was measured' };
  if (track === null) return { name, result: 'unknown', text: `${formatDuration(output)}; the track was not measured` };
  const text = `${formatDuration(output)}, its track is ${formatDuration(track)}`;
  const slack = Math.max(SLACK_MS, track * SLACK_SHARE);
  return { name, result: track - output > slack ? 'bad' : 'good', text };
}
