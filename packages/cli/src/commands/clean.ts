import { count, EXIT, type ExitCode, formatBytes, LocalizeError, parseDuration } from '@localize/core';
import {
  batchFolder,
  bootClock,
  findLeftovers,
  type Leftover,
  type LeftoverKind,
  openStore,
  removeLeftovers,
  storeExists,
} from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { displayPath } from '../output/display-path.js';
import { openBatch } from './open-batch.js';

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
  const beforeMs = Date.now() - readAge(options.olderThan);
  const removes = options.yes || options.force || false;
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true });
  const leftovers = await look(context, batch, { removes, beforeMs, sameBatch: options.sameBatch });
  if (options.json) showJson(context, leftovers, removes);
  else show(context, leftovers, { ...options, removes, again: batch.again });
  return EXIT.ok;
}

async function look(
  context: CommandContext,
  { location, plan, manifest }: LoadedBatch,
  { removes, beforeMs, sameBatch = false }: { removes: boolean; beforeMs: number; sameBatch?: boolean | undefined },
): Promise<Leftover[]> {
  if (!storeExists(location.path)) return [];
  const store = openStore(location.path, removes ? {} : { readonly: true });
  try {
    const found = await findLeftovers(store, plan.batch, { beforeMs });
    if (!removes || found.length === 0) return found;
    const from = { manifestPath: manifest.absolute, folder: batchFolder(plan), sameBatch };
    const options = { store, batch: plan.batch, clock: bootClock(store), host: context.host, from };
    return await removeLeftovers(options, { beforeMs });
  } finally {
    store.close();
  }
}

function readAge(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new LocalizeError('USAGE', `--older-than takes a length such as 7d or 12h, not ${text}`);
}

const WORDS: Readonly<Record<LeftoverKind, (files: number) => string>> = {
  part: (files) => `${count(files, 'unfinished download')} that nothing goes on with`,
  orphaned: (files) => `${count(files, 'video')} of jobs that are no longer in the manifest (paid for)`,
  replaced: (files) =>
    `${count(files, 'earlier version')} of videos (paid for; with one an edit can be taken back for free)`,
};

function show(
  context: CommandContext,
  leftovers: readonly Leftover[],
  { removes, quiet, again }: { removes: boolean; quiet?: boolean; again: string },
): void {
  if (leftovers.length === 0) {
    context.out.write('there is nothing to clean\n');
    return;
  }
  for (const kind of Object.keys(WORDS) as LeftoverKind[]) {
    const files = leftovers.filter((each) => each.kind === kind);
    if (files.length === 0) continue;
    context.out.write(`${WORDS[kind](files.length)}, ${formatBytes(sum(files))}\n`);
    if (quiet) continue;
    for (const { path, bytes } of files)
      context.out.write(`  ${displayPath(path, context.cwd)}  ${formatBytes(bytes)}\n`);
  }
  const total = formatBytes(sum(leftovers));
  context.out.write(
    removes ? `deleted: ${total}\n` : `nothing was deleted; to free ${total}: localize clean ${again} --yes\n`,
  );
}

function showJson(context: CommandContext, leftovers: readonly Leftover[], deleted: boolean): void {
  const files = leftovers.map(({ kind, path, bytes }) => ({ kind, path: displayPath(path, context.cwd), bytes }));
  context.out.write(`${JSON.stringify({ deleted, bytes: sum(leftovers), files }, null, 2)}\n`);
}

function sum(leftovers: readonly Leftover[]): number {
  return leftovers.reduce((total, { bytes }) => total + bytes, 0);
}
