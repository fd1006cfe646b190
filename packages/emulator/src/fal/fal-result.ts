import type { Reply } from '../http/reply.js';
import type { Failure } from '../predict/prediction.js';
import type { View } from '../predict/view.js';
import { platformError } from './fal-dialect.js';
import { billingUnits } from './fal-price.js';
import { entry, modelError } from './model-error.js';

/** How long a result is kept when payloads are not stored [doc inference-api/queue/result]. */
const UNSTORED_RESULT_MS = 3_600_000;

/** `GET …/requests/{id}`: what the model answered, its HTTP status and body included [doc queue/result]. */
export function renderFalResult(view: View): Reply {
  const { prediction, state, now } = view;
  // Undocumented; one compatible server answers this [3p].
  if (state === 'queued' || state === 'running')
    return { status: 400, body: { detail: 'Request is still in progress' } };
  if (prediction.details.storesPayloads === false && now >= prediction.finishesAt + UNSTORED_RESULT_MS) {
    return FAL_NOT_FOUND;
  }
  return resultOf(view).reply;
}

/** [3p], probed. */
export const FAL_NOT_FOUND: Reply = { status: 404, body: { status: 'NOT_FOUND' } };

/** The result of a finished request and, where it is no success, the error that its status names. */
export function resultOf(view: View): { reply: Reply; error: string; errorType: string } {
  const { prediction, state, output } = view;
  if (state === 'canceled') {
    // 499 `client_cancelled` [doc request-errors]; the text is assumed.
    const error = 'Request was cancelled by the client';
    return { reply: platformError(499, error, 'client_cancelled'), error, errorType: 'client_cancelled' };
  }
  if (state === 'failed') return failedResult(prediction.failure ?? { cause: 'internal' });
  const { frames } = prediction.details as { frames: number };
  const seed = prediction.recipe?.seed;
  const file =
    output === null
      ? null
      : {
          url: output.url,
          content_type: 'video/mp4',
          file_name: 'output.mp4',
          // A listing makes no output, and so knows no size.
          ...(output.bytes > 0 ? { file_size: output.bytes } : {}),
        };
  return {
    reply: {
      status: 200,
      body: { video: file, seed },
      headers: { 'x-fal-billable-units': String(billingUnits(frames)) },
    },
    error: '',
    errorType: '',
  };
}

/** Types [doc errors]; texts are assumed. */
function failedResult(failure: Failure): { reply: Reply; error: string; errorType: string } {
  if (failure.cause === 'internal') {
    const error = failure.message ?? 'Internal server error';
    return { reply: platformError(500, error, 'internal_error'), error, errorType: 'internal_error' };
  }
  if (failure.cause === 'start-timeout') {
    const error = 'Request timed out before it was started';
    const reply = platformError(504, error, 'request_timeout');
    // "504 + X-Fal-Request-Timeout-Type: user" [doc request-errors]; the text is assumed.
    return {
      reply: { ...reply, headers: { ...reply.headers, 'x-fal-request-timeout-type': 'user' } },
      error,
      errorType: 'request_timeout',
    };
  }
  const [type, usual] = modelErrorOf(failure.cause, failure.field);
  const msg = failure.message ?? usual;
  const detail = entry(failure.field ?? (failure.cause === 'moderation' ? 'prompt' : null), type, msg, {
    ...(failure.value === undefined ? {} : { input: failure.value }),
  });
  return { reply: modelError([detail]), error: msg, errorType: type };
}

function modelErrorOf(
  cause: Exclude<Failure['cause'], 'internal' | 'start-timeout'>,
  field?: string,
): readonly [string, string] {
  switch (cause) {
    case 'moderation':
      return ['content_policy_violation', 'The content was flagged by a content checker.'];
    case 'media-unreachable':
      return ['file_download_error', 'Failed to download the file. Please check that the URL is accessible.'];
    case 'media-unreadable': {
      const kind = field === 'audio_url' ? 'audio' : 'video';
      return [`unsupported_${kind}_format`, `The file is not ${kind} of a supported format.`];
    }
    case 'media-too-long':
      return ['audio_duration_too_long', 'The audio is too long.'];
  }
}
