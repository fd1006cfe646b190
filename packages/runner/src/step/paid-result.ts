import { randomUUID } from 'node:crypto';
import { assetKey, type MediaUrls, type PlannedJob, type RouteChoice } from '@localize/core';
import { fingerprintOf, fingerprintParts } from '../content/fingerprint.js';
import type { Lane } from '../lanes/lane.js';
import { keyForLook } from '../lanes/lane-keys.js';
import { askableLanes, callContext, providerOf, type RunContext, routeOf } from '../run-context.js';
import {
  type AdoptedPrediction,
  adoptedFor,
  forgetAdopted,
  isOwnPrediction,
  predictionOf,
} from '../store/money/adopted.js';
import { paidAttempt } from '../store/money/paid-attempt.js';
import { NOTHING_YET } from '../store/new-attempt.js';
import type { AttemptRow, JobRow } from '../store/store.js';

const LOOK_TIMEOUT_MS = 30_000;

/**
 * Has a result fetched again that was paid for and of which no file is left: what an attempt of this state made, in
 * whichever batch, or what the sidecar of a lost state names. One that is gone at its provider is then lost, which a
 * person must look at; nothing here buys.
 * @returns whether the job waits for its download now
 */
export async function refetchPaid(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  const attempt = paidAttempt(context.store, job, fingerprint) ?? (await adoptedAttempt(context, job, fingerprint));
  if (attempt === null) return false;
  const patch = { attemptId: attempt.id, changed: null, edited: false, stumbles: 0, readyAt: 0, failure: null };
  context.journal.moveJob(job, 'refetch', patch);
  return true;
}

/** Whether the provider still serves such a result; asked for free. What cannot be asked for now is not said to be there. */
export async function isServed(context: RunContext, job: JobRow, fingerprint: string): Promise<boolean> {
  const attempt = paidAttempt(context.store, job, fingerprint) ?? (await adoptedAttempt(context, job, fingerprint));
  const lane = askableLanes(context).find(({ id }) => id === attempt?.laneId);
  return attempt !== null && lane !== undefined && (await hasCompleted(context, attempt, lane));
}

/** The attempt, made anew, that a lost state had bought. */
async function adoptedAttempt(context: RunContext, job: JobRow, fingerprint: string): Promise<AttemptRow | null> {
  const prediction = await adoptedPrediction(context, job, fingerprint);
  const choice = job.planned.choices.find(({ route }) => route === prediction?.route);
  if (prediction === undefined || choice === undefined) return null;
  const parts = await fingerprintParts(context.contentIds, job.planned, choice);
  if (fingerprintOf(parts) !== fingerprint) return null;
  const request = { media: mediaOf(job.planned), input: choice.input, parts };
  const route = routeOf(context, choice.route);
  const reference = providerOf(context, choice.provider).referenceFor(route, prediction.predictionId ?? '');
  const wallAhead = context.clock.wallMs() - context.clock.nowMs();
  // The money stays with the job that it was paid for.
  const jobId = prediction.jobId ?? job.id;
  const about = { jobId, choice, prediction, rest: { fingerprint, request, reference, wallAhead } };
  const made = context.lanes.filter(({ provider }) => provider === choice.provider).map((lane) => rowOf(lane, about));
  const attempt = made.length > 1 ? await servedOf(context, made) : made[0];
  if (attempt === undefined) return null;
  return context.journal.transact(() => {
    forgetAdopted(context.store, prediction);
    return context.journal.adopt(attempt);
  });
}

async function adoptedPrediction(
  context: RunContext,
  job: JobRow,
  fingerprint: string,
): Promise<(AdoptedPrediction & { readonly jobId?: number }) | undefined> {
  const onDisk = (await context.resultsOnDisk()).get(fingerprint) ?? [];
  const told = onDisk.map(({ sidecar }) => predictionOf(sidecar, context.clock.wallMs()));
  const known = adoptedFor(context.store, job.id, fingerprint);
  return [...told, ...(known ? [known] : [])].find(
    ({ provider, predictionId }) => predictionId !== null && !isOwnPrediction(context.store, provider, predictionId),
  );
}

/** Nobody knows which account paid: the one that knows the prediction. */
async function servedOf(context: RunContext, made: readonly AttemptRow[]): Promise<AttemptRow | undefined> {
  for (const attempt of made) {
    const lane = context.lanes.find(({ id }) => id === attempt.laneId);
    if (lane && (await hasCompleted(context, attempt, lane))) return attempt;
  }
  return made[0];
}

async function hasCompleted(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<boolean> {
  const { jobId, keyHash, reference } = attempt;
  const key = keyForLook(context, lane, keyHash);
  const call = callContext(context, lane, { jobId, key, signal: context.freeWork, timeoutMs: LOOK_TIMEOUT_MS });
  const provider = providerOf(context, lane.provider);
  const look = provider.status(routeOf(context, attempt.route), reference ?? {}, call);
  return (await look.catch(() => null))?.state === 'completed';
}

interface AdoptedAbout {
  readonly jobId: number;
  readonly choice: RouteChoice;
  readonly prediction: AdoptedPrediction;
  readonly rest: Pick<AttemptRow, 'fingerprint' | 'request' | 'reference' | 'wallAhead'>;
}

/** Of a prediction that is over, only its end is known. */
function rowOf(lane: Lane, { jobId, choice, prediction, rest }: AdoptedAbout): AttemptRow {
  const { estimateMicros, expectedMicros, billedMicros, costSource, predictionId } = prediction;
  const madeAt = prediction.madeAt - rest.wallAhead;
  return {
    ...NOTHING_YET,
    id: randomUUID(),
    jobId,
    runId: null,
    route: choice.route,
    provider: choice.provider,
    laneId: lane.id,
    laneDisplay: lane.display,
    keyHash: lane.keys[0]?.hash ?? '',
    state: 'completed',
    ...rest,
    estimateMicros,
    expectedMicros,
    reservedMicros: null,
    billedMicros,
    costSource,
    predictionId,
    stagingAt: null,
    stagedAt: null,
    intendedAt: madeAt,
    sentAt: madeAt,
    repliedAt: madeAt,
    acceptedAt: madeAt,
    endedAt: madeAt,
    slotUntil: madeAt,
  };
}

/** Under which addresses it was sent nobody knows: what it was made from stands for them. */
function mediaOf({ video, voices, mask }: PlannedJob): MediaUrls {
  return {
    video: assetKey(video),
    voices:
      voices.kind === 'one'
        ? { kind: 'one', audio: assetKey(voices.audio) }
        : { kind: 'two', left: assetKey(voices.left), right: assetKey(voices.right), order: voices.order },
    mask: mask && assetKey(mask),
  };
}
