import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ORIGINALS_FOLDER } from '@localize/core';
import { eq } from 'drizzle-orm';
import { heldPath, keptPath, outputPath } from '../output-paths.js';
import { sidecarPath } from '../step/sidecar.js';
import { batches, jobs } from '../store/schema.js';
import type { BatchRow, JobRow, Store } from '../store/store.js';
import { type ActionOptions, withBatch } from './actions.js';

/**
 * `part`: a download or a copy that nothing goes on with. `orphaned`: the video of a job that is no longer in the
 * manifest, paid for. `replaced`: an earlier version of a video, paid for too.
 */
export type LeftoverKind = 'part' | 'orphaned' | 'replaced';

/** A file that no job needs. */
export interface Leftover {
  readonly kind: LeftoverKind;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

export interface CleanQuery {
  /** Only files that were last written before this. */
  readonly beforeMs: number;
}

/** Files below a batch's folder that no job needs. Reads only. @returns `[]` where the state knows no such batch. */
export async function findLeftovers(store: Store, batch: string, query: CleanQuery): Promise<Leftover[]> {
  const row = store.db.select().from(batches).where(eq(batches.name, batch)).get();
  return row === undefined ? [] : leftoversOf(store, row, query);
}

/**
 * Deletes them, under the batch's lock: what a run is at work on is never touched, and what it has left is looked at
 * anew.
 * @throws LocalizeError BATCH_LOCKED, JOB_UNKNOWN
 */
export function removeLeftovers(options: ActionOptions, query: CleanQuery): Promise<Leftover[]> {
  return withBatch(options, async ({ batch }) => {
    const leftovers = await leftoversOf(options.store, batch, query);
    for (const { path } of leftovers) await rm(path, { force: true });
    return leftovers;
  });
}

async function leftoversOf(store: Store, batch: BatchRow, { beforeMs }: CleanQuery): Promise<Leftover[]> {
  const rows = store.db.select().from(jobs).where(eq(jobs.batchId, batch.id)).all();
  const needed = new Set(rows.flatMap((job) => neededBy(job, batch.outputDir)));
  const orphaned = new Set(
    rows.flatMap(({ orphaned: isOrphaned, output }) =>
      isOrphaned && output ? [output.path, sidecarPath(output.path), keptPath(output) ?? []].flat() : [],
    ),
  );
  const held = new Set(rows.map(({ planned }) => heldPath(outputPath(batch.outputDir, planned.output))));
  const found: Leftover[] = [];
  for (const path of await filesBelow(batch.outputDir)) {
    if (needed.has(path)) continue;
    const kind = kindOf(path, batch.outputDir, { orphaned, held });
    const facts = kind && (await stat(path).catch(() => null));
    if (kind && facts && facts.mtimeMs < beforeMs) found.push({ kind, path, bytes: facts.size });
  }
  return found;
}

/** What a job goes on with or ends in: its video with all that belongs to it, and a download that is not over. */
function neededBy({ orphaned, state, planned, output }: JobRow, folder: string): string[] {
  if (orphaned && state === 'succeeded') return [];
  const path = outputPath(folder, planned.output);
  const results = [path, ...(output ? [output.path] : [])];
  const isFetched = state === 'succeeded' || state === 'failed' || state === 'canceled';
  const parts = isFetched ? [] : [`${path}.part`, `${path}.part.validator`];
  return [...results, ...results.map(sidecarPath), ...parts];
}

/** Where earlier versions lie, and what providers made of them. */
const OLD_FOLDERS = [['replaced'], [ORIGINALS_FOLDER, 'replaced']];

function kindOf(
  path: string,
  folder: string,
  { orphaned, held }: { orphaned: ReadonlySet<string>; held: ReadonlySet<string> },
): LeftoverKind | null {
  if (/\.(part(\.validator)?|finished)$/.test(path)) return 'part';
  if (orphaned.has(path)) return 'orphaned';
  const below = relative(folder, path);
  const isReplaced = OLD_FOLDERS.some((parts) => below.startsWith(`${parts.join(sep)}${sep}`));
  const isOld = isReplaced || held.has(path.replace(/\.json$/, ''));
  return isOld ? 'replaced' : null;
}

async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
