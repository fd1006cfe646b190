import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { lyingAt } from '../content/lying-output.js';
import { sidecarPath } from '../content/sidecar.js';
import { keptPath, outputPath } from '../output/output-paths.js';
import type { RunContext } from '../run-context.js';
import { keepVersion } from '../step/make-way.js';
import type { FinishedOutput, StandingVideo } from '../store/schema/stored-types.js';
import type { JobRow } from '../store/store.js';

/**
 * Old outputs are kept: reverting the edit brings them back, unpaid. One stays where it is too until the new one takes its
 * place: the create may have to wait for money, or come to nothing.
 * @returns what stays of it for readers; `null`: nothing
 */
export async function keepReplaced(context: RunContext, job: JobRow): Promise<StandingVideo | null> {
  const { path = null } = job.output ?? {};
  if (path === null || !existsSync(path)) return null;
  const { output, fingerprint } = await lyingAt(path, job);
  if (output === null) return null;
  const kept = await keepVersion(context, output, fingerprint ?? 'old');
  const attemptId = fingerprint === job.fingerprint ? job.attemptId : null;
  if (output.path !== outputPath(context.folder, job.planned.output)) {
    await removeOutput(output);
    return { output: { ...output, path: kept }, fingerprint, attemptId };
  }
  // The new video keeps none that would take its place.
  if (job.planned.finish?.audio !== 'track') await removeKept(output);
  return { output, fingerprint, attemptId };
}

/** Nothing will take its place: the manifest names the video otherwise now. */
async function removeOutput(output: FinishedOutput): Promise<void> {
  const { path } = output;
  for (const each of [path, sidecarPath(path), `${path}.part`]) await rm(each, { force: true });
  await removeKept(output);
}

async function removeKept(output: FinishedOutput): Promise<void> {
  const kept = keptPath(output);
  if (kept !== null) await rm(kept, { force: true });
}
