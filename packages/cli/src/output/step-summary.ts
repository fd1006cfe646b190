import { appendFileSync } from 'node:fs';
import { plainText, type Snapshot } from '@localize/core';
import { renderMarkdown } from '@localize/report';
import type { CommandContext } from '../definitions.js';

/** What GitHub takes of one step; a longer text would not be shown at all. */
const MOST_BYTES = 1_000_000;

/** Puts a run's summary where GitHub Actions shows it, when it says where. A summary that fails ends no run. */
export function appendStepSummary({ variables, err }: CommandContext, snapshot: () => Snapshot): void {
  const path = variables.GITHUB_STEP_SUMMARY;
  if (!path) return;
  try {
    appendFileSync(path, `${cut(renderMarkdown(snapshot()))}\n`);
  } catch (error) {
    err.write(`no summary in GITHUB_STEP_SUMMARY: ${plainText((error as Error).message)}\n`);
  }
}

/** Whole lines only, so that no table row is torn. */
function cut(markdown: string): string {
  if (Buffer.byteLength(markdown) <= MOST_BYTES) return markdown;
  const head = Buffer.from(markdown).subarray(0, MOST_BYTES).toString('utf8');
  return `${head.slice(0, head.lastIndexOf('\n'))}\n\n… the rest is in the report.\n`;
}
