import { randomUUID } from 'node:crypto';
import type { Http } from '../http/env.js';
import { checkFields, type FieldRule } from '../http/fields.js';
import { isObject, type JsonBody } from '../http/read-json.js';
import type { Reply } from '../http/reply.js';
import type { CreateRoute, MediaProblem, Order } from '../predict/create-route.js';
import { glancePrediction } from '../predict/view.js';
import { falDialect, platformError } from './fal-dialect.js';
import { FAL_FRAMES_PER_SECOND, falPriceMicros } from './fal-price.js';
import { submitBody } from './fal-status.js';
import { entry, issueEntry, modelError } from './model-error.js';

/**
 * [page fal]. Its text says 81 to 129 frames while its own default is 145, and its sibling schemas say 41 to 721: that
 * range is taken.
 */
const FIELDS: readonly FieldRule[] = [
  { name: 'video_url', type: 'string', required: true },
  { name: 'audio_url', type: 'string', required: true },
  { name: 'prompt', type: 'string', required: true },
  { name: 'num_frames', type: 'integer', minimum: 41, maximum: 721 },
  { name: 'resolution', type: 'string', oneOf: ['480p', '720p'] },
  { name: 'seed', type: 'integer', nullable: true },
  { name: 'acceleration', type: 'string', oneOf: ['none', 'regular', 'high'] },
];
const DEFAULT_FRAMES = 145;

/** `POST /fal-ai/infinitalk/video-to-video` at the queue: a submit [page fal, client source falclient]. */
export const falCreate: CreateRoute = {
  dialect: falDialect,
  route: 'fal/infinitalk',
  newId: randomUUID,
  order,
  // "You can pass a Base64 data URI as a file input" [page fal].
  takesDataUris: true,
  judge,
  // "If None, a random seed is chosen. Default value: 42" [page fal].
  seed: { byDefault: 42, random: null },
  quote(_world, { details }) {
    const frames = details.frames as number;
    return {
      priceMicros: falPriceMicros(frames),
      outputMs: Math.round((frames * 1000) / FAL_FRAMES_PER_SECOND),
      fixedLength: true,
    };
  },
  // fal publishes no time; that of the same model elsewhere is assumed [page vibedream, wavespeed].
  wallMs: (outputMs, random) => outputMs * (10 + random() * 20),
  turnAway(http, queued) {
    // 429 only with `fal_max_queue_length` [doc queue].
    const most = http.req.query('fal_max_queue_length');
    return most !== undefined && queued >= Number(most) ? platformError(429, 'Queue is full', 'queue_full') : null;
  },
  accepted: (world, prediction) => ({ status: 200, body: submitBody(world, glancePrediction(world, prediction)) }),
};

function order(body: JsonBody, http: Http): { order: Order } | { refused: Reply } {
  const most = http.req.query('fal_max_queue_length');
  if (most !== undefined && !/^\d+$/.test(most)) return { refused: platformError(400, 'Invalid fal_max_queue_length') };
  const startSeconds = startTimeout(http);
  if (Number.isNaN(startSeconds)) return { refused: platformError(400, 'Invalid request timeout') };
  if (!('json' in body)) return invalid(entry(null, 'json_invalid', 'JSON decode error'));
  if (!isObject(body.json)) {
    return invalid(entry(null, 'model_attributes_type', 'Input should be a valid dictionary', { input: body.json }));
  }
  const input = body.json;
  const issues = checkFields(FIELDS, input);
  if (issues.length > 0) return { refused: modelError(issues.map((issue) => issueEntry(issue, input))) };
  return {
    order: {
      inputs: input,
      media: [
        { field: 'video_url', value: input.video_url as string, role: 'picture' },
        { field: 'audio_url', value: input.audio_url as string, role: 'audio' },
      ],
      arrangement: 'single',
      details: {
        frames: (input.num_frames as number | undefined) ?? DEFAULT_FRAMES,
        storesPayloads: http.req.header('x-fal-store-io') !== '0',
      },
      ...(startSeconds !== null && { startWithinMs: Math.round(startSeconds * 1000) }),
    },
  };
}

/**
 * Seconds until which a request must be begun, under its name or the deprecated one that the clients send [doc queue/submit,
 * client source headers.js]; that anything but a number above 0.1 is refused is assumed.
 * @returns `NaN` for such a one
 */
function startTimeout({ req }: Http): number | null {
  const text = req.header('x-fal-request-start-timeout') ?? req.header('x-fal-request-timeout');
  if (text === undefined) return null;
  const seconds = Number(text);
  return seconds > 0.1 && Number.isFinite(seconds) ? seconds : Number.NaN;
}

/** Media are fetched by the runner: the request completes with the model's error as its result [doc errors]. */
function judge({ input, kind }: MediaProblem): ReturnType<CreateRoute['judge']> {
  const { field, value } = input;
  return { failure: { cause: kind === 'unreadable' ? 'media-unreadable' : 'media-unreachable', field, value } };
}

function invalid(...entries: Parameters<typeof modelError>[0][number][]): { refused: Reply } {
  return { refused: modelError(entries) };
}
