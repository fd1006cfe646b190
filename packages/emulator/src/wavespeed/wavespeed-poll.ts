import { createHash } from 'node:crypto';
import type { Reply } from '../http/reply.js';
import type { Failure, PredictionState } from '../predict/prediction.js';
import { type View, workedSeconds } from '../predict/view.js';
import type { World } from '../world.js';
import { envelope } from './wavespeed-dialect.js';

/** `created`, `processing`, `completed`, `failed` [page wavespeed]; `cancelled` [client source wsjs]. */
const WAVESPEED_STATUS: Readonly<Record<PredictionState, string>> = {
  queued: 'created',
  running: 'processing',
  succeeded: 'completed',
  failed: 'failed',
  canceled: 'cancelled',
};

/** The data of a submit and of `GET /predictions/{id}/result` [page wavespeed, wavespeed multi]; a failure is inside an HTTP 200. */
export function renderWavespeed(world: World, view: View): Reply {
  return envelope(wavespeedData(world, view));
}

export function wavespeedData(world: World, view: View): Record<string, unknown> {
  const { prediction, state, output } = view;
  const failure = state === 'failed' ? describeFailure(prediction.failure) : null;
  return {
    id: prediction.id,
    model: prediction.details.model,
    outputs: output === null ? [] : [output.url],
    urls: { get: world.url(`/wavespeed/api/v3/predictions/${prediction.id}/result`) },
    has_nsfw_contents: output === null ? [] : [false],
    status: view.oddStatus ?? WAVESPEED_STATUS[state],
    created_at: nanoTime(prediction.createdAt, prediction.id),
    error: failure?.message ?? '',
    // `data.code` of a failed task [doc error-codes].
    ...(failure === null ? {} : { code: failure.code }),
    timings: { inference: state === 'succeeded' ? Math.round(workedSeconds(view) * 1000) : 0 },
  };
}

/** Codes [doc error-codes]; texts are assumed. */
function describeFailure(failure: Failure | null): { code: number; message: string } {
  const { code, message } = usualFailure(failure);
  return { code, message: failure?.message ?? message };
}

function usualFailure(failure: Failure | null): { code: number; message: string } {
  switch (failure?.cause) {
    case 'moderation':
      return { code: 1200, message: 'Content flagged as potentially sensitive. Please try different inputs.' };
    case 'media-unreachable':
      return { code: 1402, message: `Failed to download ${failure.field}: the URL is not reachable` };
    case 'media-unreadable':
      return { code: 1401, message: `Invalid parameter ${failure.field}: unsupported or corrupted media file` };
    case 'media-too-long':
      return { code: 1401, message: `Invalid parameter ${failure.field}: longer than 600 seconds` };
    default:
      return { code: 5000, message: 'Internal error, please try again' };
  }
}

/** RFC 3339 with nanoseconds, as the documents show it; the digits below a millisecond are made up from the id. */
function nanoTime(at: number, id: string): string {
  const below = createHash('sha256').update(id).digest().readUInt32BE(0) % 1_000_000;
  return new Date(at).toISOString().replace('Z', `${String(below).padStart(6, '0')}Z`);
}
