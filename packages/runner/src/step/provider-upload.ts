import { basename } from 'node:path';
import type { Failure, UploadResult } from '@localize/core';
import type { Lane } from '../lanes/lane.js';
import { laneClosed } from '../lanes/lane-closing.js';
import { usableKeys, whyClosedFor } from '../lanes/lane-keys.js';
import { laneRow } from '../lanes/lane-row.js';
import { keyRefused } from '../lanes/refused-keys.js';
import { callContext, providerOf, type RunContext } from '../run-context.js';
import type { StagedFile } from '../run-options.js';
import type { JobRow } from '../store/store.js';
import { StagingFailure } from './staging-failure.js';

type Uploaded = Extract<UploadResult, { outcome: 'uploaded' }>;

/**
 * Uploads a file to the storage of the lane's provider. The address for it is asked for with the lane's key: one that is
 * refused there is put aside as at a create, and the lane's other keys are tried; an empty balance closes the lane. On a lane
 * that has closed meanwhile nothing is asked.
 * @throws StagingFailure
 */
export async function uploadToProvider(
  context: RunContext,
  { job, lane }: { readonly job: JobRow; readonly lane: Lane },
  file: StagedFile,
): Promise<Uploaded> {
  const provider = providerOf(context, lane.provider);
  if (!provider.upload) {
    const message = `${lane.provider} takes no uploads: ${basename(file.path)} needs a staging bucket or an https URL`;
    throw new StagingFailure({ kind: 'storage', message }, 'upload-failed', true);
  }
  let failure: Failure = { kind: 'auth', message: `lane ${lane.display} has no key` };
  for (const key of usableKeys(context.store, lane)) {
    refuseOnClosed(context, lane);
    const call = callContext(context, lane, { jobId: job.id, key, signal: context.freeWork });
    const result = await provider.upload(file, call);
    if (result.outcome === 'uploaded') return result;
    failure = result.failure;
    if (failure.kind !== 'auth') break;
    keyRefused(context.journal, lane, { key, failure, by: 'create' });
  }
  if (failure.kind === 'payment') laneClosed(context.journal, lane, failure);
  if (isOfLane(failure)) throw new StagingFailure(failure, 'lane-closed', false);
  // A file that cannot be read has not been refused, nor has its storage failed.
  throw new StagingFailure(
    failure,
    'upload-failed',
    isRefusal(failure),
    !isRefusal(failure) && failure.kind !== 'storage',
  );
}

function refuseOnClosed(context: RunContext, lane: Lane): void {
  const why = whyClosedFor(lane, laneRow(context.store, lane));
  if (why === null) return;
  throw new StagingFailure({ kind: 'auth', message: `lane ${lane.display} is closed: ${why}` }, 'lane-closed', false);
}

/** It says nothing of the file: without a key or money the provider takes none. */
function isOfLane({ kind }: Failure): boolean {
  return kind === 'auth' || kind === 'payment';
}

/** Answers in the 400s that say nothing of the file: the server waited too long, or wants the same once more. */
const SAME_AGAIN = new Set([408, 425, 429]);

function isRefusal({ kind, httpStatus = 0 }: Failure): boolean {
  return kind === 'invalid-input' || (httpStatus >= 400 && httpStatus < 500 && !SAME_AGAIN.has(httpStatus));
}
