import type { Reply } from '../http/reply.js';
import { chargedMicros, type Failure, type PredictionState } from '../predict/prediction.js';
import { type View, workedSeconds } from '../predict/view.js';
import type { World } from '../world.js';

/** All that the model's page knows [page eachlabs], and `cancelled` [doc get-prediction]. */
const STATUS: Readonly<Record<PredictionState, string>> = {
  queued: 'processing',
  running: 'processing',
  succeeded: 'success',
  failed: 'error',
  canceled: 'cancelled',
};

/**
 * `GET /v1/prediction/{id}`: the union of the page's `{status, predictionID, output, metrics.predict_time}` [page eachlabs] and
 * the later document's `{id, input, logs, metrics.cost, urls}` [doc get-prediction].
 */
export function renderEachlabs(world: World, view: View): Reply {
  const { prediction, state, output } = view;
  const { id, inputs, failure } = prediction;
  const failed = state === 'failed' && failure !== null ? describeEachlabsFailure(failure) : null;
  const metrics =
    state === 'queued' || state === 'running'
      ? { predict_time: 0 }
      : { predict_time: round(workedSeconds(view)), cost: chargedMicros(prediction, view.now) / 1e6 };
  return {
    status: 200,
    body: {
      id,
      predictionID: id,
      input: inputs,
      status: view.oddStatus ?? STATUS[state],
      output: failed === null ? (output?.url ?? null) : failed.envelope,
      ...(failed === null ? {} : { message: failed.message, details: failed.details }),
      logs: null,
      metrics,
      urls: {
        cancel: world.url(`/eachlabs/v1/prediction/${id}/cancel`),
        get: world.url(`/eachlabs/v1/prediction/${id}`),
      },
    },
  };
}

/**
 * A failure in both of its documented shapes: `message` and `details` [page eachlabs], and the error envelope in `output`
 * [doc errors, video API]. The texts are assumed.
 */
export function describeEachlabsFailure(failure: Failure) {
  const [code, category, usual] = classify(failure);
  const message = failure.message ?? usual;
  return {
    message,
    details: `${code}${failure.field === undefined ? '' : `: input.${failure.field}`}`,
    classification: code,
    envelope: {
      error: message,
      error_code: code,
      error_message: message,
      error_step: 'prediction',
      classification: { category },
      retryable: failure.cause === 'internal',
    },
  };
}

function classify(failure: Failure): readonly [string, string, string] {
  switch (failure.cause) {
    case 'moderation':
      return ['content_moderation', 'VALIDATION', 'The request was rejected by content moderation.'];
    case 'media-unreachable':
      return ['invalid_user_input', 'VALIDATION', `The file at input.${failure.field} could not be downloaded.`];
    case 'media-unreadable':
      return ['invalid_user_input', 'VALIDATION', `The file at input.${failure.field} could not be read.`];
    case 'media-too-long':
      return ['invalid_user_input', 'VALIDATION', `The file at input.${failure.field} is too long.`];
    // The last is fal's alone.
    case 'internal':
    case 'start-timeout':
      return ['provider_error', 'PROVIDER', 'The prediction failed.'];
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
