import { join } from 'node:path';
import { EXIT, type ExitCode, PREVIEW_FOLDER, plainText } from '@localize/core';
import { batchFolder, systemClock } from '@localize/runner';
import { makePreviews, type PreviewResult } from '../batch/make-previews.js';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { displayPath } from '../output/display-path.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { sayWarnings } from '../output/say-warnings.js';
import { selectJobs } from '../select/select-jobs.js';
import { selectableJobs } from '../select/selectable-job.js';
import { openBatch } from './open-batch.js';

/**
 * `localize preview`: the source pictures with the target audio, for hearing a wrong take before paying for lip-sync.
 * Calls no provider, needs no key, re-encodes no picture, touches no state.
 */
export async function preview(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const batch = await openBatch(context, manifest, options);
  sayWarnings(context, batch, options);
  // Only these ask what the state knows; without them it is not opened.
  const known =
    options.failed || options.provider
      ? readState(batch.location.path, { batch, cwd: context.cwd, nowMs: systemClock().nowMs() })
      : null;
  const selected = selectJobs(() => selectableJobs(batch.plan, known), options);
  const jobs = [...batch.plan.jobs].filter((job) => selected(job.key));
  const folder = batchFolder(batch.plan);
  const paint = createPaint(wantsColor(context, context.err, options.color));
  const onResult = (result: PreviewResult) => {
    if ('reason' in result) {
      context.err.write(`${paint('red', 'failed')} ${plainText(result.key)}: ${plainText(result.reason)}\n`);
      return;
    }
    if (!options.quiet) {
      context.err.write(
        `${paint('green', 'made')} ${plainText(result.key)}: ${displayPath(result.path, context.cwd)}\n`,
      );
    }
    if (result.unmixed.length > 0) {
      const voices = result.unmixed.map((voice) => plainText(voice));
      context.err.write(
        `${paint('yellow', 'warning')} ${plainText(result.key)}: its voices are two sound tracks, of which players play only the first: ${voices.join(' and ')} cannot be mixed here (give WAV or MP3)\n`,
      );
    }
  };
  const signal = context.interrupts.stop;
  const results = await makePreviews(jobs, { folder, signal, onResult });
  show(context, results, {
    folder: displayPath(join(folder, PREVIEW_FOLDER), context.cwd),
    of: jobs.length,
    ...options,
  });
  if (signal.aborted) return EXIT.interrupted;
  return results.some((result) => 'reason' in result) ? EXIT.someFailed : EXIT.ok;
}

function show(
  context: CommandContext,
  results: readonly PreviewResult[],
  { folder, of, json, quiet }: { folder: string; of: number; json?: boolean; quiet?: boolean },
): void {
  const sorted = [...results].sort((a, b) => (a.key < b.key ? -1 : 1));
  const made = sorted.flatMap((result) => ('path' in result ? [result] : []));
  const failed = sorted.flatMap((result) => ('reason' in result ? [result] : []));
  if (json) {
    const previews = made.map(({ key, path, durationMs, unmixed }) => ({
      key,
      path: displayPath(path, context.cwd),
      duration_seconds: durationMs / 1000,
      ...(unmixed.length > 0 && { unmixed }),
    }));
    context.out.write(`${JSON.stringify({ folder, previews, failed })}\n`);
  } else if (!quiet) {
    const rest = failed.length === 0 ? '' : `, ${failed.length} failed`;
    context.out.write(`${made.length} of ${of} ${of === 1 ? 'preview' : 'previews'} in ${folder}${rest}\n`);
  }
}
