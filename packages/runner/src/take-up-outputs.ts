import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { outputPath } from './output-paths.js';
import type { RunContext } from './run-context.js';
import { restoreAnyChoice } from './step/restore.js';
import { sidecarPath } from './step/sidecar.js';
import { StagingFailure } from './step/staging-failure.js';
import { prepared } from './store/prepared.js';
import { findRow } from './store/rows.js';
import { jobs } from './store/schema.js';

/** How many jobs are read, and their files looked at, before others get their turn. */
const LOOKS_AT_ONCE = 500;

/**
 * Takes up what already lies where a job's output belongs, after a lost state. Without a budget it is found when the job
 * is staged; under one a job is staged only while there is money for it, and what is there costs nothing.
 */
export async function takeUpOutputs(context: RunContext): Promise<void> {
  if (context.spending.purses === null) return;
  const page = prepared<[number, number, number], { id: number; output: string }>(
    context.store,
    `SELECT id, planned ->> 'output' AS output FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = ? AND state = 'pending' AND id IN (SELECT job_id FROM temp.selected)
       ORDER BY id LIMIT ?`,
  );
  for (let after = 0; !context.options.stop?.aborted; ) {
    const pending = page.all(after, context.batchId, LOOKS_AT_ONCE);
    for (const { id, output } of pending) {
      if (existsSync(sidecarPath(outputPath(context.folder, output)))) await takeUp(context, id);
    }
    const last = pending.at(-1);
    if (last === undefined) return;
    after = last.id;
    await nextTurn();
  }
}

async function takeUp(context: RunContext, jobId: number): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job === undefined) return;
  try {
    await restoreAnyChoice(context, job);
  } catch (error) {
    // Staging says what is wrong with its sources.
    if (!(error instanceof StagingFailure)) throw error;
  }
}
