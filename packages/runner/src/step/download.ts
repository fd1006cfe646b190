import { statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { backoffMs, type Failure, formatSeconds, RETRY_BACKOFF } from '@localize/core';
import { type MediaFacts, verifyVideo } from '@localize/media';
import { modifiedMs } from '../content/file-stamp.js';
import { sha256File } from '../content/hash-file.js';
import { measuredVideo } from '../content/measured-video.js';
import { sidecarFile } from '../content/sidecar.js';
import { partOf, putFiles, syncFolderOf } from '../content/synced-file.js';
import { DownloadError, HostError } from '../http/download-error.js';
import { fetchResult } from '../http/fetch-result.js';
import type { FetchOptions } from '../http/fetch-to-file.js';
import { forgetPart, type WholeFile } from '../http/part-file.js';
import type { Lane } from '../lanes/lane.js';
import { keyForLook } from '../lanes/lane-keys.js';
import { fileFaultIn, stopsRun } from '../machine-fault.js';
import { heldPath, outputPath } from '../output/output-paths.js';
import { whyUnusable } from '../output/output-place.js';
import { obstacleOfOne } from '../output/output-writable.js';
import { callContext, failureOf, isSelected, providerOf, type RunContext, routeOf } from '../run-context.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { isProvenGone, missedAgain, PRESENT, type Proof, remainingMs } from './absence.js';
import { askingAt, awaitHost, hostOf } from './download-brake.js';
import { finishDownload, finishedPath, tagDownload } from './finish-output.js';
import { asAnswerTo, noteLook } from './looks.js';
import { makeWay } from './make-way.js';
import { noteBill } from './note-bill.js';
import { PlaceOut } from './place-brake.js';
import { type BillInstead, billInstead } from './prove-bill.js';
import { addressOf, fetchable } from './result-address.js';

const MAXIMUM_STUMBLES = 6;
/** A host may be behind its provider for a while. Each later run looks once more, so this need not outlast an outage. */
const LOST: Proof = { looks: 7, overMs: 30_000 };
const LEAST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 10_000;
/** An output may be shorter than its track by the larger of these. */
const SHORT = { ms: 500, ratio: 0.02 };

/**
 * Brings a paid result to the disk: streamed to `.part`, resumed by range after a cut, checked as a whole video, hashed,
 * renamed, with a sidecar beside it. No provider key goes to the host that serves it. An expired URL is asked for
 * again; nothing here buys.
 */
export async function download(
  context: RunContext,
  job: JobRow,
  attempt: AttemptRow,
  lane: Lane | null,
): Promise<void> {
  const path = outputPath(context.folder, job.planned.output);
  const startedAtMs = context.clock.nowMs();
  const obstacle = await obstacleOfOne(context.folder, path);
  if (obstacle !== null) {
    holdForPlace(context, job, obstacle);
    return;
  }
  let isThere = false;
  try {
    const askForUrl = () => freshUrl(context, attempt, lane);
    const url = attempt.outputUrl ?? (await askingAt(context, { job, place: lane?.provider ?? null }, askForUrl));
    const options: FetchOptions = {
      signal: context.freeWork,
      onProgress: (bytes, totalBytes) =>
        context.journal.tellOf(job.id, (key) => ({ type: 'download:progress', key, bytes, totalBytes })),
      onExchange: (record) => {
        isThere = record.status === 200 || record.status === 206;
        context.journal.exchange({ jobId: job.id, attemptId: attempt.id }, record);
      },
    };
    const fetched = await askingAt(context, { job, place: hostOf(url) }, () => fetchResult(url, partOf(path), options));
    await finish(context, job, attempt, { path, startedAtMs, fetched });
  } catch (error) {
    if (context.freeWork.aborted) return;
    if (error instanceof PlaceOut) return awaitHost(context, job, attempt, error);
    const fault = fileFaultIn(error);
    if (fault !== null && (await stopsRun(context, fault))) throw error;
    // Also where it broke off: what is served in part is not gone.
    if (isThere && attempt.missing > 0) context.journal.patchAttempt(attempt, PRESENT);
    // A folder that was removed is made anew by the next try; what else a place refuses, it refuses again.
    if (fault !== null && fault.code !== 'ENOENT') holdForPlace(context, job, whyUnusable(fault.path ?? path, fault));
    else await stumble(context, job, attempt, path, error);
  }
}

/** The result is paid for and has no place on this disk: once that is mended, the next run fetches it. */
function holdForPlace(context: RunContext, job: JobRow, message: string): void {
  const failure: Failure = { kind: 'storage', message };
  context.journal.moveJob(job, 'hold', { holdReason: 'download-failed', failure });
}

async function finish(
  context: RunContext,
  job: JobRow,
  attempt: AttemptRow,
  { path, startedAtMs, fetched }: { path: string; startedAtMs: number; fetched: WholeFile },
): Promise<void> {
  const { durationMs, short, made, lies } = await settle(context, job, fetched, path);
  const choice = job.planned.choices.find((each) => each.route === attempt.route);
  const facts = { emulated: context.plan.emulate, estimate: choice?.estimate ?? null };
  const bill = await billInstead(context, job, attempt, durationMs);
  const sidecar = sidecarFile(made, job, { ...attempt, ...bill?.patch }, facts);
  await makeWay(context, job.key, made);
  if (typeof lies === 'string') {
    // The sidecar first: until the video has its place, what came whole lies where the next run looks for it.
    await putFiles([sidecar]);
    await rename(lies, made.path);
  } else {
    await putFiles([{ path: made.path, content: lies }, sidecar]);
  }
  await syncFolderOf(made.path);
  if (typeof lies === 'string') await forgetPart(partOf(path));
  const output = { ...made, modifiedMs: modifiedMs(statSync(made.path)) };
  const patch = { output, fingerprint: attempt.fingerprint, stumbles: 0, changed: null };
  const message = `${formatSeconds(durationMs)} long where its track has ${formatSeconds(wantedMs(job) ?? 0)}`;
  const failure: Failure = { kind: 'provider', message };
  context.journal.soon(() => {
    recordDownload(context, attempt, startedAtMs);
    if (bill !== null) recordBill(context, job, attempt, bill);
    if (short) {
      // What it made is of no use, for this job or another.
      context.journal.patchAttempt(attempt, { failure });
      context.journal.moveJob(job, 'hold', { ...patch, holdReason: 'too-short', failure });
    } else {
      context.journal.moveJob(job, 'verified', { ...patch, failure: null, standing: null });
      // The rest of what was fetched besides is for a run that is asked for it.
      if (!isSelected(context, job.key)) return;
      context.delivering.waiting.push(job.id);
      // Bought for what the manifest asked for before it was edited.
      if (!job.asPlanned) context.finished.toReview.push(job.id);
    }
  });
}

/** Above what the budget had reserved it closes the route, as any bill does. */
function recordBill(context: RunContext, job: JobRow, attempt: AttemptRow, { patch, message }: BillInstead): void {
  const { journal } = context;
  journal.patchAttempt(attempt, patch);
  journal.tellOf(attempt.jobId, (key) => ({ type: 'problem', key, message }));
  if (typeof patch.billedMicros === 'number' && attempt.reservedMicros !== null) {
    noteBill(context, attempt, job, patch.billedMicros, 'length');
  }
}

interface Settled {
  readonly made: FinishedOutput;
  /** Its bytes, or the file that has them and is to be moved to its place. */
  readonly lies: Buffer | string;
  /** Of what came. */
  readonly durationMs: number;
  readonly short: boolean;
}

/** Verifies what came, and makes its deliverable; what is too short is held as it came. */
async function settle(context: RunContext, job: JobRow, fetched: WholeFile, path: string): Promise<Settled> {
  const part = partOf(path);
  const { content, bytes } = fetched;
  const video = content && { name: part, content };
  const sha256 = fetched.sha256 ?? (await sha256File(part));
  const tagged = video && (await tagDownload(context, job, video, { sha256, bytes }));
  const facts = tagged?.facts ?? (await verifyVideo(video ?? part));
  const { durationMs } = facts;
  const measured = measuredVideo(facts);
  const short = isTooShort(facts, wantedMs(job));
  if (tagged && !short) {
    const about = { sha256: tagged.sha256, bytes: tagged.content.length, durationMs, measured, finish: tagged.applied };
    return { made: { path, ...about }, lies: tagged.content, durationMs, short };
  }
  const made = { path: short ? heldPath(path) : path, sha256, bytes, durationMs, measured };
  if (short) return { made, lies: content ?? part, durationMs, short };
  if (content !== null) await putFiles([{ path: part, content }]);
  const finished = await finishDownload(context, job, { path: part, sha256, bytes }, path);
  if (finished === null) return { made, lies: part, durationMs, short };
  return { made: finished, lies: finishedPath(path), durationMs, short };
}

/** A result that is fetched once more, since its file was deleted, keeps the times of its first download. */
function recordDownload({ journal, clock }: RunContext, attempt: AttemptRow, startedAtMs: number): void {
  if (attempt.missing > 0) journal.patchAttempt(attempt, PRESENT);
  const times = attempt.downloadedAt === null ? { downloadAt: startedAtMs, downloadedAt: clock.nowMs() } : {};
  const fetchedBy = [...new Set([...(attempt.fetchedBy ?? []), ...(journal.runId === null ? [] : [journal.runId])])];
  // What `retry` asked for once more is there: the next mishap is another.
  journal.patchAttempt(attempt, { ...times, fetchedBy, searches: 0 });
}

/** What its track really lasts, where somebody has looked. */
function wantedMs({ planned }: JobRow): number | null {
  return planned.heardMs ?? planned.durationMs;
}

function isTooShort(facts: MediaFacts, wantedMs: number | null): boolean {
  if (wantedMs === null) return false;
  return wantedMs - facts.durationMs > Math.max(SHORT.ms, wantedMs * SHORT.ratio);
}

/** Asks the provider where the result is now; free. */
async function freshUrl(context: RunContext, attempt: AttemptRow, lane: Lane | null): Promise<string> {
  // Not gone: with the key back it can be asked for again.
  if (lane === null) throw new DownloadError('network', `${attempt.laneDisplay} is no longer among the keys`);
  const key = keyForLook(context, lane, attempt.keyHash);
  const call = callContext(context, lane, {
    jobId: attempt.jobId,
    attemptId: attempt.id,
    key,
    signal: context.freeWork,
    timeoutMs: 30_000,
  });
  const provider = providerOf(context, lane.provider);
  const answer = await provider.status(routeOf(context, attempt.route), attempt.reference ?? {}, call);
  if (context.journal.transact(() => noteLook(context, lane, key, answer))) return freshUrl(context, attempt, lane);
  const result = asAnswerTo(key, attempt, answer);
  if (result.state === 'completed') {
    const { output } = result;
    setUrl(context, attempt, addressOf(output));
    return fetchable(output);
  }
  if (result.state === 'vanished') throw new DownloadError('gone', result.failure.message);
  if (result.state === 'unanswered') throw unanswered(result.failure);
  throw new DownloadError('gone', `the provider says ${result.state} of a prediction that it had completed`);
}

/** What a provider that is out, or asked too often, says of no prediction. */
function unanswered(failure: Failure): DownloadError {
  const { kind, httpStatus = 0, message } = failure;
  const isOut = kind === 'network' || kind === 'rate-limit' || httpStatus >= 500;
  return isOut ? new HostError(failure) : new DownloadError('network', message);
}

const FAILURE_KINDS = { network: 'network', local: 'storage', gone: 'provider', unusable: 'provider' } as const;

async function stumble(
  context: RunContext,
  job: JobRow,
  attempt: AttemptRow,
  path: string,
  error: unknown,
): Promise<void> {
  const isOurs = fileFaultIn(error) !== null;
  const kind = error instanceof DownloadError ? error.kind : isOurs ? 'local' : 'unusable';
  const failure = failureOf(FAILURE_KINDS[kind], error);
  // A body that is no video is useless as the start of the next try; an expired URL is asked for again.
  if (kind === 'unusable') await forgetPart(partOf(path));
  setUrl(context, attempt, null);
  if (kind === 'gone') return missed(context, job, attempt, failure);
  const stumbles = job.stumbles + 1;
  if (stumbles < MAXIMUM_STUMBLES) {
    const readyAt = context.clock.nowMs() + backoffMs(stumbles, RETRY_BACKOFF, context.random());
    context.journal.patchJob(job, { stumbles, readyAt, failure });
  } else {
    const holdReason = kind === 'unusable' ? 'bad-output' : 'download-failed';
    context.journal.moveJob(job, 'hold', { holdReason, failure, stumbles });
  }
}

/**
 * The result is not where the provider says: asked for again, also by later runs, until looks and time both say that it
 * is gone. Nothing else makes it lost, since what was paid for is then only to be had by paying again.
 */
function missed(context: RunContext, job: JobRow, attempt: AttemptRow, failure: Failure): void {
  const { journal } = context;
  const now = context.clock.nowMs();
  const absence = missedAgain(attempt, now);
  const stumbles = job.stumbles + 1;
  if (isProvenGone(absence, LOST, now)) {
    journal.transact(() => {
      journal.moveAttempt(attempt, 'lose', { ...absence, failure });
      journal.moveJob(job, 'hold', { holdReason: 'lost', failure, stumbles });
    });
    return;
  }
  const wait = LEAST_WAIT_MS + backoffMs(absence.missing, RETRY_BACKOFF, context.random());
  const readyAt = now + Math.min(wait, MOST_WAIT_MS);
  journal.transact(() => {
    journal.patchAttempt(attempt, absence);
    journal.patchJob(job, { stumbles, readyAt, failure });
  });
  // Once a run, and not of the first: that URL may just have expired.
  if (stumbles !== 2) return;
  const seconds = Math.max(1, Math.ceil(remainingMs(absence, LOST, now) / 1_000));
  const message = `${failure.message}; it is asked for again for at least ${seconds} s before it counts as lost`;
  journal.tellOf(job.id, (key) => ({ type: 'problem', key, message }));
}

function setUrl(context: RunContext, attempt: AttemptRow, outputUrl: string | null): void {
  context.journal.patchAttempt(attempt, { outputUrl });
}
