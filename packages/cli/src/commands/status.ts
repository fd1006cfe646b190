import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { type EditedOutputs, systemClock } from '@localize/runner';
import { editedNow } from '../batch/edited-now.js';
import { wasEmulated } from '../batch/emulated-beside.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readRenamed } from '../batch/renamed-batch.js';
import { type StatusView, withStatus } from '../batch/take-status.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { keepHeapSmall } from '../infra/keep-heap-small.js';
import { wantsColor } from '../output/paint.js';
import { statusJson, statusJsonText } from '../output/status-json.js';
import { statusText } from '../output/status-text.js';
import { writePieces } from '../output/write-pieces.js';
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
  keepHeapSmall();
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true, knownPlans: true });
  if (options.watch) return (await import('./watch-status.js')).watchStatus(context, batch, options);
  const renamed = await readRenamed(batch, systemClock().nowMs());
  const lying = await editedNow(batch);
  const look = <T>(edited: EditedOutputs | null, at: (view: StatusView) => T) =>
    withStatus(batch, { cwd: context.cwd, selection: options, renamed, edited }, at);
  const verified = options.verify
    ? await verifyResults(batch, {
        only: look(lying, ({ isSelected }) => isSelected),
        edited: lying,
        cwd: context.cwd,
        signal: context.interrupts.stop,
      })
    : null;
  look(verified?.edited ?? lying, (view) => {
    show(context, view, verified, { ...options, all: allOf(batch, options) });
    const { json, quiet } = options;
    if (!json && !quiet && view.snapshot.runs.length === 0 && wasEmulated(batch))
      context.out.write(`\nIt was run on the emulator, which is shown by: localize status ${batch.again} --emulate\n`);
  });
  return verified === null || areIntact(verified) ? EXIT.ok : EXIT.someFailed;
}

/** What shows all jobs where only the failed were asked for. */
export function allOf({ again }: Pick<LoadedBatch, 'again'>, { failed }: StatusOptions): string | undefined {
  return failed ? `localize status ${again}` : undefined;
}

function show(
  context: CommandContext,
  view: StatusView,
  verified: VerifiedResults | null,
  { all, ...options }: StatusOptions & { all: string | undefined },
) {
  const { out } = context;
  if (options.json) {
    const document = { ...statusJson(view), ...(verified && verifiedDocument(verified)) };
    writePieces(out, statusJsonText(document, 'lines'));
    out.write('\n');
    return;
  }
  const color = wantsColor(context, out, options.color);
  writePieces(out, statusText(view, { color, width: out.columns, jobs: !options.quiet, all }));
  if (verified) out.write(`\n${verifyText(verified)}`);
}

function verifiedDocument({ outputs, deliveries }: VerifiedResults) {
  return { verified: outputs, ...(deliveries ? { verified_deliveries: deliveries } : {}) };
}
