import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { type StatusView, takeStatus } from '../batch/take-status.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { laneJson } from '../output/lane-json.js';
import { wantsColor } from '../output/paint.js';
import { statusJson } from '../output/status-json.js';
import { statusText } from '../output/status-text.js';
import { openBatch } from './open-batch.js';
import { areIntact, type VerifiedResults, verifyResults, verifyText } from './verify-results.js';

export interface StatusOptions extends SharedOptions {
  readonly verify?: boolean;
  readonly watch?: boolean;
}

/** `localize status`: where the batch stands, and what each lane waits for. Reads only, also while a run goes on. */
export async function status(
  context: CommandContext,
  manifest: string | undefined,
  options: StatusOptions,
): Promise<ExitCode> {
  if (options.verify && options.watch) throw new LocalizeError('USAGE', '--verify and --watch exclude each other');
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  if (options.watch) return (await import('./watch-status.js')).watchStatus(context, batch, options);
  const view = takeStatus(batch, context.cwd, options);
  const { jobs } = view.snapshot;
  const selected = new Set(jobs.map(({ key }) => key));
  const verified = options.verify
    ? await verifyResults(batch, {
        only: (key) => selected.has(key),
        cwd: context.cwd,
        signal: context.interrupts.stop,
      })
    : undefined;
  if (options.json) {
    const document = { ...statusDocument(view), ...(verified ? verifiedDocument(verified) : {}) };
    context.out.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const color = wantsColor(context, context.out, options.color);
    const { columns: width } = context.out;
    context.out.write(statusText(view, { color, width, jobs: !options.quiet, failed: options.failed }));
    if (verified) context.out.write(`\n${verifyText(verified)}`);
  }
  return verified === undefined || areIntact(verified) ? EXIT.ok : EXIT.someFailed;
}

function verifiedDocument({ outputs, deliveries }: VerifiedResults) {
  return { verified: outputs, ...(deliveries ? { verified_deliveries: deliveries } : {}) };
}

/** The document of `status --json`. */
export function statusDocument({ snapshot, lanes, atWork }: StatusView) {
  return { ...statusJson(snapshot), at_work: atWork, lanes: lanes.map(laneJson) };
}
