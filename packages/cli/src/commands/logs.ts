import { EXIT, type ExitCode, LocalizeError, nearestWord, shellWord } from '@localize/core';
import { type HistoryEntry, openStore, readHistory, storeExists, systemClock } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readState } from '../batch/take-snapshot.js';
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
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  const known = readState(batch.location.path, { batch, cwd: context.cwd, nowMs: systemClock().nowMs() });
  if (!known.jobs.some((job) => job.key === key)) {
    throw jobUnknown(
      key,
      known.jobs.map((job) => job.key),
    );
  }
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

function readEntries({ location, plan }: LoadedBatch, key: string): HistoryEntry[] {
  if (!storeExists(location.path)) return [];
  const store = openStore(location.path, { readonly: true });
  try {
    return readHistory(store, plan.batch, key) ?? [];
  } finally {
    store.close();
  }
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
