import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { AssetSource } from '@localize/core';
import { contentTypeOf } from '../content/content-type.js';
import { isGone } from '../http/is-gone.js';
import type { Lane } from '../lanes/lane.js';
import { type FetchableAsset, failureOf, type RunContext } from '../run-context.js';
import type { StagedFile, Staging } from '../run-options.js';
import { StagingError } from '../staging/staging-error.js';
import { findRow } from '../store/rows.js';
import { assets } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { whileBraked } from './place-brake.js';
import { uploadToProvider } from './provider-upload.js';
import { StagingFailure } from './staging-failure.js';
import { UPLOADS } from './upload-brake.js';
import { uploadedElsewhere, whileClaimed } from './upload-claim.js';
import { destinationFor } from './upload-destination.js';
import { tellProgress, type UploadProgress } from './upload-progress.js';

/** One local file that some job needs at one destination. */
interface Wanted {
  readonly job: JobRow;
  readonly lane: Lane;
  readonly path: string;
  readonly contentId: string;
  readonly destination: string;
  /** It must live on for so long, or it is made fetchable anew. */
  readonly marginMs: number;
}

/**
 * Where the provider can fetch one asset: an https URL as it is, a local file through the staging or the provider's own
 * upload. Each content goes to each destination once, across jobs, runs and processes; whoever needs it at the same time
 * waits for the one upload. What an earlier run left is looked at once a run, since objects expire or are deleted.
 */
export async function fetchableAsset(
  context: RunContext,
  source: AssetSource,
  about: { job: JobRow; lane: Lane; marginMs: number },
): Promise<FetchableAsset> {
  if (source.kind === 'url') return { url: source.url, expiresAt: null };
  const { path } = source;
  const contentId = await context.contentIds.of(path);
  const destination = destinationFor(context.options, about.lane);
  const name = `${contentId} ${destination}`;
  const running = context.uploading.underWay.get(name);
  if (running) return running;
  const started = settle(context, { ...about, path, contentId, destination }, name);
  const guarded = started.finally(() => context.uploading.underWay.delete(name));
  context.uploading.underWay.set(name, guarded);
  return guarded;
}

async function settle(context: RunContext, wanted: Wanted, name: string): Promise<FetchableAsset> {
  for (;;) {
    const known = remembered(context, wanted);
    const isFresh = known !== null && (known.expiresAt ?? Infinity) > context.clock.nowMs() + wanted.marginMs;
    const isThere = isFresh && (context.uploading.seen.has(name) || (await isStillThere(context, known)));
    const asset = isThere ? known : await upload(context, wanted, known?.url ?? null);
    if (asset !== null) {
      context.uploading.seen.add(name);
      return asset;
    }
    await uploadedElsewhere(context, wanted);
  }
}

function remembered(context: RunContext, { contentId, destination }: Wanted): FetchableAsset | null {
  const row = findRow(context.store, assets, 'WHERE content_id = ? AND destination = ?', contentId, destination);
  return row === undefined ? null : { url: row.url, expiresAt: row.expiresAt };
}

/** A staging looks for itself before it uploads; what a provider stores is asked for by its URL. */
async function isStillThere(context: RunContext, known: FetchableAsset): Promise<boolean> {
  if (context.options.staging) return false;
  return !(await isGone(known.url, context.freeWork));
}

/**
 * @param knownUrl where it was until now
 * @returns `null` where another run uploads it, or has just done so
 */
async function upload(context: RunContext, wanted: Wanted, knownUrl: string | null): Promise<FetchableAsset | null> {
  const { path, contentId, destination } = wanted;
  const { size: bytes } = await stat(path);
  const name = `${contentId.slice(7, 23)}${extname(path)}`;
  const file: StagedFile = { path, contentId, name, contentType: contentTypeOf(path), bytes };
  const claimed = () => whileClaimed(context, wanted, knownUrl, () => sendTelling(context, wanted, file));
  const tellingFailure = () =>
    claimed().catch((error) => {
      const { message } = failureOf('storage', error);
      context.journal.tell({ type: 'upload:failed', file: basename(path), destination, message });
      throw error;
    });
  const { job } = wanted;
  const braked = () => whileBraked(context, UPLOADS, { job, place: destination }, tellingFailure);
  return context.uploading.slots.run(destination, bytes, braked);
}

async function sendTelling(context: RunContext, wanted: Wanted, file: StagedFile): Promise<FetchableAsset> {
  const about = { file: basename(wanted.path), destination: wanted.destination, totalBytes: file.bytes };
  const progress = tellProgress(context, about);
  try {
    return await sendAndRemember(context, wanted, { ...file, onProgress: progress.onProgress }, progress);
  } finally {
    progress.end();
  }
}

async function sendAndRemember(
  context: RunContext,
  wanted: Wanted,
  file: StagedFile,
  progress: UploadProgress,
): Promise<FetchableAsset> {
  const { path, contentId, destination } = wanted;
  const { staging } = context.options;
  const startedAtMs = context.clock.nowMs();
  const made: Made = staging ? await viaStaging(context, staging, file) : await uploadToProvider(context, wanted, file);
  await refuseChanged(context, wanted);
  if (made.warning !== undefined) context.journal.tell({ type: 'problem', message: made.warning });
  const row = {
    contentId,
    destination,
    url: made.url,
    expiresAt: made.keptMs === null ? null : startedAtMs + made.keptMs,
  };
  const target = [assets.contentId, assets.destination];
  context.store.db.insert(assets).values(row).onConflictDoUpdate({ target, set: row }).run();
  const sentBytes = made.reused ? 0 : file.bytes;
  if (progress.end() || !made.reused)
    context.journal.tell({ type: 'upload:done', file: basename(path), destination, bytes: sentBytes });
  return { url: row.url, expiresAt: row.expiresAt };
}

interface Made {
  readonly url: string;
  readonly keptMs: number | null;
  readonly reused?: boolean;
  readonly warning?: string;
}

async function viaStaging(context: RunContext, staging: Staging, file: StagedFile): Promise<Made> {
  try {
    return await staging.stage(file, context.freeWork);
  } catch (error) {
    const { lasting, ofFile } = error instanceof StagingError ? error : { lasting: false, ofFile: true };
    throw new StagingFailure(failureOf('storage', error), 'upload-failed', lasting, !lasting && !ofFile);
  }
}

/** A file that was written to during its upload may have gone out half old, half new. */
async function refuseChanged(context: RunContext, { path, contentId }: Wanted): Promise<void> {
  context.contentIds.looks.forget(path);
  if ((await context.contentIds.of(path)) === contentId) return;
  const message = `${basename(path)} changed while it was uploaded`;
  throw new StagingFailure({ kind: 'storage', message }, 'source-changed', true);
}
