import { count, EXIT, type ExitCode, formatBytes, LocalizeError, parseDuration } from '@localize/core';
import {
  batchFolder,
  bootClock,
  type Cleaning,
  createUploadPlace,
  findLeftovers,
  type Leftover,
  type LeftoverKind,
  openStore,
  removeLeftovers,
  storeExists,
  type UploadPlace,
} from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readBucketCredentials } from '../batch/session.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { displayPath } from '../output/display-path.js';
import { openBatch } from './open-batch.js';
import { whileUnheld } from './while-unheld.js';

export interface CleanOptions extends SharedOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly olderThan?: string;
  readonly sameBatch?: boolean;
}

/**
 * `localize clean`: what no job needs any more, and how much room it takes. Deletes nothing without a word that it
 * should, and never what a run is at work on.
 */
export async function clean(
  context: CommandContext,
  manifest: string | undefined,
  options: CleanOptions,
): Promise<ExitCode> {
  const ageMs = readAge(options.olderThan);
  const beforeMs = ageMs === null ? Number.POSITIVE_INFINITY : Date.now() - ageMs;
  const removes = options.yes || options.force || false;
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  const found = await look(context, batch, { removes, beforeMs, sameBatch: options.sameBatch });
  if (options.json) showJson(context, found, removes);
  else show(context, found, { ...options, removes, again: batch.again });
  return EXIT.ok;
}

async function look(
  context: CommandContext,
  batch: LoadedBatch,
  { removes, beforeMs, sameBatch = false }: { removes: boolean; beforeMs: number; sameBatch?: boolean | undefined },
): Promise<Cleaning> {
  const { location, plan, manifest } = batch;
  if (!storeExists(location.path)) return { leftovers: [], unseen: [] };
  const { places, unseen } = await openPlaces(batch);
  const query = { beforeMs, planned: plan.jobs, places, signal: context.interrupts.stop };
  const store = openStore(location.path, removes ? {} : { readonly: true });
  try {
    const found = await findLeftovers(store, plan.batch, query);
    const from = { manifestPath: manifest.absolute, folder: batchFolder(plan), sameBatch };
    const options = { store, batch: plan.batch, clock: bootClock(store), host: context.host, from };
    const isOver = !removes || found.leftovers.length === 0;
    const cleaning = isOver ? found : await whileUnheld(batch.again, () => removeLeftovers(options, query));
    return { ...cleaning, unseen: [...unseen, ...cleaning.unseen] };
  } finally {
    store.close();
  }
}

/** The buckets that the batch uploads to, and why those cannot be looked at. */
async function openPlaces({ plan, secrets }: LoadedBatch): Promise<{ places: UploadPlace[]; unseen: string[] }> {
  const { staging, delivery, emulate } = plan;
  if (emulate || !(staging || delivery)) return { places: [], unseen: [] };
  try {
    const credentials = await readBucketCredentials(secrets);
    const sources = staging && createUploadPlace('sources', staging, credentials);
    const outputs = delivery && createUploadPlace('outputs', delivery, credentials);
    return { places: [sources, outputs].flatMap((place) => place ?? []), unseen: [] };
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    return { places: [], unseen: [error.message] };
  }
}

function readAge(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new LocalizeError('USAGE', `--older-than takes a length such as 7d or 12h, not ${text}`);
}

const WORDS: Readonly<Record<LeftoverKind, (files: number) => string>> = {
  part: (files) => `${count(files, 'unfinished download')} that nothing goes on with`,
  orphaned: (files) => `${count(files, 'video')} of jobs that are no longer in the manifest (paid for)`,
  replaced: (files) =>
    `${count(files, 'earlier version')} of videos (paid for; with one an edit can be taken back for free)`,
  upload: (files) => `${count(files, 'upload')} to a bucket that no job goes on with`,
};

function show(
  context: CommandContext,
  { leftovers, unseen }: Cleaning,
  { removes, quiet, again }: { removes: boolean; quiet?: boolean; again: string },
): void {
  for (const why of unseen) context.err.write(`unfinished uploads were not looked after: ${why}${RIGHTS}\n`);
  if (leftovers.length === 0) {
    context.out.write('there is nothing to clean\n');
    return;
  }
  for (const kind of Object.keys(WORDS) as LeftoverKind[]) {
    const files = leftovers.filter((each) => each.kind === kind);
    if (files.length === 0) continue;
    context.out.write(`${WORDS[kind](countOf(files))}, ${formatBytes(sum(files))}\n`);
    if (quiet) continue;
    for (const each of files) context.out.write(`  ${placeOf(each, context)}  ${formatBytes(each.bytes)}\n`);
  }
  const total = formatBytes(sum(leftovers));
  context.out.write(
    removes ? `deleted: ${total}\n` : `nothing was deleted; to free ${total}: localize clean ${again} --yes\n`,
  );
}

/** Without what lies beside another file and tells of it, unless there is nothing else. */
function countOf(files: readonly Leftover[]): number {
  const own = files.filter(({ path }) => !/\.(json|validator)$/.test(path));
  return own.length > 0 ? own.length : files.length;
}

/** What looking after uploads takes besides the rights of a run. */
const RIGHTS = ' (that takes s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts and s3:AbortMultipartUpload)';

function showJson(context: CommandContext, { leftovers, unseen }: Cleaning, deleted: boolean): void {
  const files = leftovers.map((each) => ({ kind: each.kind, path: placeOf(each, context), bytes: each.bytes }));
  context.out.write(`${JSON.stringify({ deleted, bytes: sum(leftovers), files, unseen }, null, 2)}\n`);
}

/** As the user would type it. */
function placeOf({ kind, path }: Leftover, { cwd }: CommandContext): string {
  return kind === 'upload' ? path : displayPath(path, cwd);
}

function sum(leftovers: readonly Leftover[]): number {
  return leftovers.reduce((total, { bytes }) => total + bytes, 0);
}
