import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ORIGINALS_FOLDER, type PlannedJob } from '@localize/core';
import { eq } from 'drizzle-orm';
import { sidecarPath } from '../content/sidecar.js';
import { heldPath, keptPath, outputPath } from '../output/output-paths.js';
import { StagingError } from '../staging/staging-error.js';
import type { UploadPlace } from '../staging/upload-place.js';
import { batches, jobs } from '../store/schema/schema.js';
import type { BatchRow, JobRow, Store } from '../store/store.js';
import { type ActionOptions, withBatch } from './actions.js';
import { jobsThatLeft } from './jobs-that-left.js';
import { type LeftoverUpload, leftoverUploads } from './leftover-uploads.js';

/**
 * A file that no job needs. `part`: a download or a copy that nothing goes on with. `orphaned`: the video of a job that is
 * no longer in the manifest, paid for. `replaced`: an earlier version of a video, paid for too.
 */
export interface LeftoverFile {
  readonly kind: 'part' | 'orphaned' | 'replaced';
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
}

export type Leftover = LeftoverFile | LeftoverUpload;
export type LeftoverKind = Leftover['kind'];

export interface CleanQuery {
  /** Only files that were last written, and uploads that were begun, before this. */
  readonly beforeMs: number;
  /** Jobs of the manifest as it is now, which the state may not have yet: what they upload, or can be made of, is needed. */
  readonly planned: Iterable<PlannedJob>;
  /** Buckets that the batch uploads to. */
  readonly places: readonly UploadPlace[];
  readonly signal: AbortSignal;
}

export interface Cleaning {
  readonly leftovers: readonly Leftover[];
  /** Why a bucket could not be looked at, or something in it not be removed. */
  readonly unseen: readonly string[];
}

/** What no job of a batch needs: files below its folder, and uploads that were cut short. Reads only. */
export async function findLeftovers(store: Store, batch: string, query: CleanQuery): Promise<Cleaning> {
  const row = store.db.select().from(batches).where(eq(batches.name, batch)).get();
  return row === undefined ? { leftovers: [], unseen: [] } : leftoversOf(store, row, query);
}

/**
 * Deletes them, under the batch's lock: what a run is at work on is never touched, and what it has left is looked at
 * anew.
 * @throws LocalizeError BATCH_LOCKED, JOB_UNKNOWN
 */
export function removeLeftovers(options: ActionOptions, query: CleanQuery): Promise<Cleaning> {
  return withBatch(options, async ({ batch }) => {
    const found = await leftoversOf(options.store, batch, query);
    const removed: Leftover[] = [];
    const unseen = [...found.unseen];
    for (const leftover of found.leftovers) {
      const failure = await remove(leftover);
      if (failure === null) removed.push(leftover);
      else unseen.push(failure);
    }
    return { leftovers: removed, unseen };
  });
}

/** @returns why it is still in its bucket */
async function remove(leftover: Leftover): Promise<string | null> {
  if (leftover.kind !== 'upload') {
    await rm(leftover.path, { force: true });
    return null;
  }
  const { place, upload } = leftover;
  return place.callOff(upload).then(() => null, reasonOf);
}

async function leftoversOf(store: Store, batch: BatchRow, query: CleanQuery): Promise<Cleaning> {
  const leftovers: Leftover[] = await leftoverFiles(store, batch, query);
  const unseen: string[] = [];
  for (const place of query.places) {
    const found = await leftoverUploads(store, batch, place, query).catch(reasonOf);
    if (typeof found === 'string') unseen.push(found);
    else leftovers.push(...found);
  }
  return { leftovers, unseen };
}

/** What a storage says is no reason to leave everything else. */
function reasonOf(error: unknown): string {
  if (error instanceof StagingError) return error.message;
  throw error;
}

async function leftoverFiles(
  store: Store,
  batch: BatchRow,
  { beforeMs, planned }: CleanQuery,
): Promise<LeftoverFile[]> {
  const rows = store.db.select().from(jobs).where(eq(jobs.batchId, batch.id)).all();
  const hasLeft = await jobsThatLeft(store, rows, planned);
  const planOutputs = Array.from(planned, ({ output }) => outputPath(batch.outputDir, output));
  const needed = new Set(rows.flatMap((job) => (hasLeft(job) ? [] : neededBy(job, batch.outputDir))));
  for (const path of planOutputs) needed.add(path).add(sidecarPath(path));
  const orphaned = new Set(
    rows.flatMap((job) => {
      const { output } = job;
      return hasLeft(job) && output ? [output.path, sidecarPath(output.path), keptPath(output) ?? []].flat() : [];
    }),
  );
  const held = new Set(rows.map((job) => heldPath(outputPath(batch.outputDir, job.planned.output))));
  const found: LeftoverFile[] = [];
  for (const path of await filesBelow(batch.outputDir)) {
    if (needed.has(path)) continue;
    const kind = kindOf(path, batch.outputDir, { orphaned, held });
    const facts = kind && (await stat(path).catch(() => null));
    if (kind && facts && facts.mtimeMs < beforeMs) found.push({ kind, path, bytes: facts.size });
  }
  return found;
}

/** What a job goes on with or ends in: its video with all that belongs to it, and a download that is not over. */
function neededBy({ state, planned, output }: JobRow, folder: string): string[] {
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
): LeftoverFile['kind'] | null {
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
