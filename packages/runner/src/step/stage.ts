import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import {
  type AssetSource,
  backoffMs,
  type Failure,
  type HoldReason,
  type MediaUrls,
  RETRY_BACKOFF,
} from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { contentTypeOf } from '../content/content-type.js';
import { fingerprintOf, fingerprintParts } from '../content/fingerprint.js';
import type { Lane } from '../lanes/lane.js';
import { callContext, failureOf, providerOf, type RunContext, type StagedJob } from '../run-context.js';
import { prepared } from '../store/prepared.js';
import { assets, jobs } from '../store/schema.js';
import type { JobRow } from '../store/store.js';
import { restoreByFingerprint } from './restore.js';

/** A URL must outlive the wait in the lane and the provider's own queue. */
const URL_MARGIN_MS = 60 * 60_000;
const MAXIMUM_STUMBLES = 5;

/** What went wrong while nothing had been bought, and how the job waits for it. */
class StagingFailure extends Error {
  readonly failure: Failure;
  readonly holdReason: HoldReason;
  readonly lasting: boolean;

  constructor(failure: Failure, holdReason: HoldReason, lasting: boolean) {
    super(failure.message);
    this.failure = failure;
    this.holdReason = holdReason;
    this.lasting = lasting;
  }
}

/**
 * Makes a job's media fetchable for the provider: https URLs as they are, local files through the staging or the
 * provider's own upload, each file once a destination.
 * @returns `null` when the job went elsewhere: restored from an equal result, put back, or held.
 */
export async function stage(context: RunContext, job: JobRow, lane: Lane): Promise<StagedJob | null> {
  const choice = job.planned.choices[job.choice];
  if (choice === undefined) throw new Error(`job ${job.key} has no route choice ${job.choice}`);
  try {
    const parts = await fingerprintParts(context.contentIds, job.planned, choice).catch((error: unknown) => {
      throw new StagingFailure(failureOf('storage', error), 'source-changed', true);
    });
    const fingerprint = fingerprintOf(parts);
    if (await restoreByFingerprint(context, job, fingerprint)) return null;
    const media = await mediaUrls(context, job, lane);
    const request = { media, input: choice.input, parts };
    const { id: jobId, key, position } = job;
    return { jobId, key, position, durationMs: job.planned.durationMs, choice, request, fingerprint };
  } catch (error) {
    if (context.freeWork.aborted) return null;
    if (!(error instanceof StagingFailure)) throw error;
    putBack(context, job, error);
    return null;
  }
}

async function mediaUrls(context: RunContext, job: JobRow, lane: Lane): Promise<MediaUrls> {
  const { video, voices, mask } = job.planned;
  const url = (source: AssetSource) => fetchableUrl(context, job, lane, source);
  const sources = voices.kind === 'one' ? [video, voices.audio, mask] : [video, voices.left, voices.right, mask];
  // All at once: uploads of one job do not wait for each other, and one failure is reported after all have ended.
  const settled = await Promise.allSettled(sources.map((source) => (source ? url(source) : null)));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const urls = settled.map((result) => (result.status === 'fulfilled' ? result.value : null));
  const at = (index: number) => urls[index] ?? '';
  return voices.kind === 'one'
    ? { video: at(0), voices: { kind: 'one', audio: at(1) }, mask: urls[2] ?? null }
    : { video: at(0), voices: { kind: 'two', left: at(1), right: at(2), order: voices.order }, mask: urls[3] ?? null };
}

async function fetchableUrl(context: RunContext, job: JobRow, lane: Lane, source: AssetSource): Promise<string> {
  if (source.kind === 'url') return source.url;
  const contentId = await context.contentIds.of(source.path);
  const destination = context.options.staging?.destination ?? `${lane.provider}@${lane.host}`;
  const known = context.store.db
    .select()
    .from(assets)
    .where(and(eq(assets.contentId, contentId), eq(assets.destination, destination)))
    .get();
  const usableUntil = known?.expiresAt ?? Number.POSITIVE_INFINITY;
  if (known && usableUntil > context.clock.nowMs() + URL_MARGIN_MS) return known.url;
  const name = `${contentId} ${destination}`;
  const running = context.uploads.get(name);
  if (running) return running;
  const started = upload(context, job, lane, source.path, contentId, destination).finally(() =>
    context.uploads.delete(name),
  );
  context.uploads.set(name, started);
  return started;
}

async function upload(
  context: RunContext,
  job: JobRow,
  lane: Lane,
  path: string,
  contentId: string,
  destination: string,
): Promise<string> {
  const { size } = await stat(path);
  const name = `${contentId.slice(7, 23)}${extname(path)}`;
  const contentType = contentTypeOf(path);
  const uploaded = await (context.options.staging
    ? viaStaging(context, { path, contentId, name, contentType })
    : viaProvider(context, job, lane, { path, name, contentType, bytes: size }));
  const row = { contentId, destination, url: uploaded.url, expiresAt: uploaded.expiresAtMs };
  context.store.db
    .insert(assets)
    .values(row)
    .onConflictDoUpdate({ target: [assets.contentId, assets.destination], set: row })
    .run();
  context.journal.tell({ type: 'upload:done', file: basename(path), destination, bytes: size });
  return uploaded.url;
}

async function viaStaging(
  context: RunContext,
  file: { path: string; contentId: string; name: string; contentType: string },
) {
  const staging = context.options.staging;
  if (!staging) throw new Error('there is no staging');
  try {
    return await staging.stage(file, context.freeWork);
  } catch (error) {
    throw new StagingFailure(failureOf('storage', error), 'upload-failed', false);
  }
}

async function viaProvider(
  context: RunContext,
  job: JobRow,
  lane: Lane,
  file: { path: string; name: string; contentType: string; bytes: number },
) {
  const provider = providerOf(context, lane.provider);
  if (!provider.upload) {
    const message = `${lane.provider} takes no uploads: ${basename(file.path)} needs a staging bucket or an https URL`;
    throw new StagingFailure({ kind: 'storage', message }, 'upload-failed', true);
  }
  const call = callContext(context, lane, { jobId: job.id, signal: context.freeWork });
  const result = await provider.upload(file, call);
  if (result.outcome === 'uploaded') return result;
  throw new StagingFailure(result.failure, 'upload-failed', result.failure.kind === 'invalid-input');
}

function putBack(context: RunContext, job: JobRow, { failure, holdReason, lasting }: StagingFailure): void {
  const stumbles = job.stumbles + 1;
  if (lasting || stumbles >= MAXIMUM_STUMBLES) {
    context.journal.moveJob(job, 'hold', { holdReason, failure, stumbles });
    return;
  }
  const wait = backoffMs(stumbles, RETRY_BACKOFF, context.random(), failure.retryAfterMs);
  context.journal.moveJob(job, 'unstage', { failure, stumbles, readyAt: context.clock.nowMs() + wait });
}

/** Claims the next jobs of a provider from the backlog, in manifest order. */
export function claimForStaging(context: RunContext, provider: string, limit: number): JobRow[] {
  const ids = prepared<[number, string, number, number], { id: number }>(
    context.store,
    `SELECT id FROM jobs WHERE batch_id = ? AND state = 'pending' AND provider = ? AND orphaned = 0 AND ready_at <= ?
         AND id IN (SELECT job_id FROM temp.selected) ORDER BY position LIMIT ?`,
  ).all(context.batchId, provider, context.clock.nowMs(), limit);
  return context.journal.transact(() =>
    ids.map(({ id }) => {
      const job = context.store.db.select().from(jobs).where(eq(jobs.id, id)).get();
      if (job === undefined) throw new Error(`job ${id} is gone`);
      return context.journal.moveJob(job, 'stage');
    }),
  );
}
