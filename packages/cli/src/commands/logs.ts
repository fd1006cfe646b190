import { EXIT, type ExitCode, LocalizeError, nearestWord, shellWord } from '@localize/core';
import { type HistoryEntry, listJobs, openStore, readHistory, storeExists } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { historyJson } from '../output/history-json.js';
import { historyText } from '../output/history-text.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { keyMeant, looksLikeManifest, manifestAndKey } from '../select/named-job.js';
import { openBatch } from './open-batch.js';

/**
 * `localize logs`: one job's whole history, with every request and reply. Reads only, also while a run goes on.
 * @param named the key, and the manifest behind or before it where it is not `./manifest.yaml`
 */
export async function logs(
  context: CommandContext,
  named: readonly [string, string | undefined],
  options: SharedOptions,
): Promise<ExitCode> {
  const asked = manifestAndKey('key', named);
  if (looksLikeManifest(asked.key)) throw keyMissing(asked.key);
  const batch = await openBatch(context, asked.manifest, { ...options, keepGoing: true, knownPlans: true });
  const { key, entries } = readEntries(batch, asked.key);
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

/**
 * A job by its key, whatever its case, as `--only` takes it.
 * @throws LocalizeError JOB_UNKNOWN when neither the state nor the manifest has such a job
 */
function readEntries({ location, plan }: LoadedBatch, named: string): { key: string; entries: HistoryEntry[] } {
  const store = storeExists(location.path) ? openStore(location.path, { readonly: true }) : null;
  const entriesOf = (key: string) => store && readHistory(store, plan.batch, key);
  try {
    const entries = entriesOf(named);
    if (entries) return { key: named, entries };
    const known = new Set(Array.from(plan.jobs, ({ key }) => key));
    if (store) for (const { key } of listJobs(store, plan.batch)) known.add(key);
    const key = keyMeant(named, known);
    if (key === null) throw jobUnknown(named, [...known]);
    return { key, entries: entriesOf(key) ?? [] };
  } finally {
    store?.close();
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
