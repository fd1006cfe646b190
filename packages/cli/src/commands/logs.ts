import { EXIT, type ExitCode, LocalizeError, nearestWord, shellWord } from '@localize/core';
import { type HistoryEntry, openStore, readHistory, storeExists } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { historyJson } from '../output/history-json.js';
import { historyText } from '../output/history-text.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { openBatch } from './open-batch.js';

/** `localize logs`: one job's whole history, with every request and reply. Reads only, also while a run goes on. */
export async function logs(
  context: CommandContext,
  key: string,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  if (manifest === undefined && /\.ya?ml$/i.test(key)) throw keyMissing(key);
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true, knownPlans: true });
  const entries = readEntries(batch, key);
  if (options.json) {
    const document = { batch: batch.plan.batch, job: key, entries: entries.map(historyJson) };
    context.out.write(`${JSON.stringify(document, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  const text = entries.length === 0 ? `${key} has no history yet\n` : historyText(entries, paint);
  context.out.write(text);
  return EXIT.ok;
}

/** @throws LocalizeError JOB_UNKNOWN when neither the state nor the manifest has such a job */
function readEntries({ location, plan }: LoadedBatch, key: string): HistoryEntry[] {
  const store = storeExists(location.path) ? openStore(location.path, { readonly: true }) : null;
  try {
    const entries = store && readHistory(store, plan.batch, key);
    if (entries) return entries;
  } finally {
    store?.close();
  }
  const planned = Array.from(plan.jobs, (job) => job.key);
  if (!planned.includes(key)) throw jobUnknown(key, planned);
  return [];
}

function keyMissing(manifest: string): LocalizeError {
  return new LocalizeError('USAGE', `${manifest} is a manifest; the job’s key is missing`, {
    hint: `localize logs KEY ${shellWord(manifest)}, where a key is <video id>/<language tag>`,
  });
}

function jobUnknown(key: string, known: readonly string[]): LocalizeError {
  const nearest = nearestWord(key, known);
  const hint = nearest
    ? `did you mean ${nearest}?`
    : `a job’s key is <video id>/<language tag>, for instance ${known.slice(0, 5).join(', ')}`;
  return new LocalizeError('JOB_UNKNOWN', `there is no job ${key}`, { hint });
}
