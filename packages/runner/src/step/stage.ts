import { backoffMs, durationWords, type Failure, type MediaUrls, RETRY_BACKOFF } from '@localize/core';
import { fingerprintOf } from '../content/fingerprint.js';
import { plannedParts } from '../content/planned-parts.js';
import type { Lane } from '../lanes/lane.js';
import { choiceElsewhere } from '../lanes/reassign.js';
import { outputPath } from '../output/output-paths.js';
import { whyNotRemade, whyOccupied } from '../output/output-place.js';
import { obstacleOfOne } from '../output/output-writable.js';
import { type RunContext, routeOf, type StagedJob, timeoutOf } from '../run-context.js';
import { StaleRowError } from '../store/journal.js';
import { AT_MOST, prepared } from '../store/prepared.js';
import { takeBackUnwanted } from '../store/review/unwanted-remake.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { JobRow } from '../store/store.js';
import { fetchableAsset } from './fetchable-asset.js';
import { keepStanding } from './keep-standing.js';
import { refetchPaid } from './paid-result.js';
import { nextTry, PlaceOut } from './place-brake.js';
import { restoreByFingerprint, whyUnread } from './restore.js';
import { StagingFailure } from './staging-failure.js';
import { UPLOADS } from './upload-brake.js';

/** A URL must outlive the wait in the lane, the provider's own queue and the attempt. */
const URL_MARGIN_MS = 60 * 60_000;
/** What is over sooner would be staged again and again before it could be bought for. */
const SHORTEST_LIFE_MS = 30_000;
const MAXIMUM_STUMBLES = 5;

/**
 * Makes a job's media fetchable for the provider: https URLs as they are, local files through the staging or the
 * provider's own upload, each file once a destination.
 * @returns `null` when the job went elsewhere: restored from an equal result, put back, or held.
 */
export async function stage(context: RunContext, job: JobRow, lane: Lane): Promise<StagedJob | null> {
  const choice = job.planned.choices[job.choice];
  if (choice === undefined) throw new Error(`job ${job.key} has no route choice ${job.choice}`);
  const stagingAtMs = context.clock.nowMs();
  const output = outputPath(context.folder, job.planned.output);
  try {
    refuseTaken((await obstacleOfOne(context.folder, output)) ?? whyNotRemade(job.standing, output));
    const { parts, sources } = await plannedParts(context, job.planned, choice);
    const fingerprint = fingerprintOf(parts);
    const preferred = await preferredFingerprints(context, job);
    if (await isUnwanted(context, job, [fingerprint, ...preferred])) return null;
    for (const each of [fingerprint, ...preferred]) {
      if (await restoreByFingerprint(context, job, each)) return null;
      if (await refetchPaid(context, job, each)) return null;
    }
    for (const each of [fingerprint, ...preferred]) refuseTaken(await whyUnread(context, job, each));
    refuseTaken((await whyOccupied(context.folder, output)) ?? (await context.whyUnsearched()));
    const timeoutMs = timeoutOf(context, routeOf(context, choice.route));
    const marginMs = URL_MARGIN_MS + timeoutMs;
    const { media, expiresAt } = await fetchableMedia(context, { job, lane, marginMs });
    const request = { media, input: choice.input, parts };
    const { id: jobId, key, position } = job;
    const { durationMs } = job.planned;
    const stagedAtMs = context.clock.nowMs();
    refuseShortLived(expiresAt - stagedAtMs);
    const freshUntilMs = freshUntil(expiresAt, { marginMs, timeoutMs }, stagedAtMs);
    const times = { stagingAtMs, stagedAtMs, freshUntilMs };
    return { jobId, key, position, durationMs, choice, sources, request, fingerprint, preferred, ...times };
  } catch (error) {
    if (context.freeWork.aborted || error instanceof StaleRowError) return null;
    if (!(error instanceof StagingFailure || error instanceof PlaceOut)) throw error;
    if (!isStaging(context, job)) return null;
    if (error instanceof PlaceOut) awaitUploads(context, job, lane, error);
    else putBack(context, job, lane, error);
    return null;
  }
}

/** Whether its reviewers want no other video any more. One that is asked for as it was is restored like any that is there. */
async function isUnwanted(context: RunContext, job: JobRow, fingerprints: readonly string[]): Promise<boolean> {
  if (job.standing === null || fingerprints.includes(job.standing.fingerprint ?? '')) return false;
  const why = takeBackUnwanted(context.journal, job, context.options.includeApproved === true);
  if (why !== null) await keepStanding(context, job.id, why);
  return why !== null;
}

/** Nothing is bought for a place that cannot take it, or where something else lies. */
function refuseTaken(message: string | null): void {
  if (message !== null) throw new StagingFailure({ kind: 'storage', message }, 'place-taken', true);
}

/**
 * What a job would be made of on the routes that it has left, since a lane closed or the budget has no room there: a
 * result of one of them, made for another job, is what it was to have first, and is paid for.
 */
async function preferredFingerprints(context: RunContext, { planned, choice }: JobRow): Promise<string[]> {
  const fingerprints: string[] = [];
  for (const left of planned.choices.slice(0, choice)) {
    fingerprints.push(fingerprintOf((await plannedParts(context, planned, left)).parts));
  }
  return fingerprints;
}

async function fetchableMedia(
  context: RunContext,
  about: { job: JobRow; lane: Lane; marginMs: number },
): Promise<{ media: MediaUrls; expiresAt: number }> {
  const { video, voices, mask } = about.job.planned;
  const sources = voices.kind === 'one' ? [video, voices.audio, mask] : [video, voices.left, voices.right, mask];
  // All at once: uploads of one job do not wait for each other, and one failure is reported after all have ended.
  const settled = await Promise.allSettled(sources.map((source) => source && fetchableAsset(context, source, about)));
  refuseFailed(settled);
  const found = settled.map((result) => (result.status === 'fulfilled' ? result.value : null));
  const at = (index: number) => found[index]?.url ?? '';
  const media: MediaUrls =
    voices.kind === 'one'
      ? { video: at(0), voices: { kind: 'one', audio: at(1) }, mask: found[2]?.url ?? null }
      : {
          video: at(0),
          voices: { kind: 'two', left: at(1), right: at(2), order: voices.order },
          mask: found[3]?.url ?? null,
        };
  return { media, expiresAt: Math.min(...found.map((asset) => asset?.expiresAt ?? Number.POSITIVE_INFINITY)) };
}

/** What was tried for the job tells more than that another file of it could not even be. */
function refuseFailed(settled: readonly PromiseSettledResult<unknown>[]): void {
  const faults: unknown[] = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (faults.length === 0) return;
  throw faults.find((fault) => !(fault instanceof PlaceOut && fault.triedFor === null)) ?? faults[0];
}

/** One that expired while another file of the job went up is good the next time. */
function refuseShortLived(lifeMs: number): void {
  if (lifeMs >= SHORTEST_LIFE_MS) return;
  const life = lifeMs > 0 ? `expire in ${durationWords(lifeMs)}` : 'have expired already';
  const message = `the URLs that its files were staged at ${life}, before a provider could read them`;
  throw new StagingFailure({ kind: 'storage', message }, 'upload-failed', false);
}

/**
 * URLs that live shorter than the margin are good for half their life, as long as they outlive the attempt. Of those that
 * cannot, staging them again gains no more than that half.
 */
function freshUntil(
  expiresAt: number,
  { marginMs, timeoutMs }: { marginMs: number; timeoutMs: number },
  nowMs: number,
): number {
  const half = (expiresAt - nowMs) / 2;
  const needed = nowMs + timeoutMs < expiresAt ? Math.max(half, timeoutMs) : half;
  return expiresAt - Math.min(marginMs, needed);
}

/** A lane that closes puts back what is being staged for it: what comes of that staging then moves nothing any more. */
function isStaging(context: RunContext, { id }: JobRow): boolean {
  return findRow(context.store, jobs, 'WHERE id = ?', id)?.state === 'staging';
}

function putBack(context: RunContext, job: JobRow, lane: Lane, fault: StagingFailure): void {
  const { holdReason, lasting } = fault;
  if (holdReason === 'lane-closed') {
    // Another lane takes it, or it is held for want of one: the lanes decide that, as after a refused create.
    context.journal.moveJob(job, 'unstage', { failure: fault.failure, readyAt: context.clock.nowMs() });
    return;
  }
  const isRefused = lasting && holdReason === 'upload-failed';
  if (isRefused && moveToOtherStorage(context, job, lane.provider, { ...fault, verb: 'refuses' })) return;
  const failure = withEarlier(job, fault.failure);
  const stumbles = job.stumbles + 1;
  if (lasting || stumbles >= MAXIMUM_STUMBLES) {
    context.journal.moveJob(job, 'hold', { holdReason, failure, stumbles });
    return;
  }
  const wait = backoffMs(stumbles, RETRY_BACKOFF, context.random(), failure.retryAfterMs);
  context.journal.moveJob(job, 'unstage', { failure, stumbles, readyAt: context.clock.nowMs() + wait });
}

/** Puts a job back whose files no upload takes now. */
function awaitUploads(context: RunContext, job: JobRow, lane: Lane, out: PlaceOut): void {
  const { journal } = context;
  const { isOwn, stumbles, atMs } = nextTry(context, UPLOADS, job, out);
  if (atMs === null) {
    if (moveToOtherStorage(context, job, lane.provider, { failure: out.failure, verb: 'does not take' })) return;
    const failure = withEarlier(job, out.failure);
    journal.moveJob(job, 'hold', { holdReason: 'upload-failed', failure, stumbles });
    return;
  }
  const told = isOwn ? { failure: withEarlier(job, out.failure), stumbles } : {};
  journal.moveJob(job, 'unstage', { ...told, readyAt: atMs });
}

/** Nothing was bought, so the job goes on to a route of another provider for free, if one takes it. */
function moveToOtherStorage(
  context: RunContext,
  job: JobRow,
  refusedBy: string,
  { failure, verb }: { readonly failure: Failure; readonly verb: string },
): boolean {
  // The staging is the same for all providers.
  const next = context.options.staging ? null : choiceElsewhere(context, job);
  if (next === null) return false;
  const { choice, provider, route } = next;
  const refusal = withEarlier(job, { ...failure, message: `${refusedBy}: ${failure.message}` });
  const readyAt = context.clock.nowMs();
  context.journal.moveJob(job, 'unstage', { failure: refusal, stumbles: 0, readyAt, choice, provider });
  const message = `the storage of ${refusedBy} ${verb} a file of it (${failure.message}), so it goes on with ${route}`;
  context.journal.tell({ type: 'problem', key: job.key, message });
  return true;
}

/** A job that has left a choice says why it did, too. */
function withEarlier({ choice, stumbles, failure: earlier }: JobRow, failure: Failure): Failure {
  if (choice === 0 || stumbles > 0 || earlier === null) return failure;
  return { ...failure, message: `${earlier.message}; ${failure.message}` };
}

/** Claims the next jobs of a provider from the backlog, in manifest order; under a budget those that fit. */
export function claimForStaging(context: RunContext, provider: string, limit: number): JobRow[] {
  const { purses } = context.spending;
  const ids = purses === null ? nextJobs(context, provider, limit) : purses.next(provider, limit);
  if (ids.length === 0) return [];
  return context.journal.transact(
    () =>
      ids.map((id) => {
        const job = findRow(context.store, jobs, 'WHERE id = ?', id);
        if (job === undefined) throw new Error(`job ${id} is gone`);
        return context.journal.moveJob(job, 'stage');
      }),
    'kill',
  );
}

function nextJobs(context: RunContext, provider: string, limit: number): number[] {
  // The index that has them in their order: by another, all that wait would be read and sorted for each few.
  const rows = prepared<[number, string, number, number], { id: number }>(
    context.store,
    `SELECT id FROM jobs INDEXED BY jobs_backlog WHERE batch_id = ? AND state = 'pending' AND provider = ? AND orphaned = 0 AND ready_at <= ?
         AND id IN (SELECT job_id FROM temp.selected) ORDER BY position ${AT_MOST}`,
  ).all(context.batchId, provider, context.clock.nowMs(), limit);
  return rows.map(({ id }) => id);
}
