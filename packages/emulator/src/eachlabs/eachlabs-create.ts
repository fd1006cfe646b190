import { randomUUID } from 'node:crypto';
import { checkFields, describeIssue, type FieldRule } from '../http/fields.js';
import { isObject, type JsonBody } from '../http/read-json.js';
import type { Reply } from '../http/reply.js';
import type { CreateRoute, MediaInput, MediaProblem, Order } from '../predict/create-route.js';
import { eachlabsDialect } from './eachlabs-dialect.js';

/** The model's slug [page eachlabs]. */
export const EACHLABS_MODEL = 'infinitalk-video-to-video';

/**
 * [page eachlabs], input schema. The seed's range is printed as "1–2147483647.0000005", of which the integers are taken; the
 * text's "-1 means random" lies outside it and is refused.
 */
export const EACHLABS_INPUT: readonly FieldRule[] = [
  { name: 'audio', type: 'string', required: true, nonEmpty: true },
  { name: 'video', type: 'string', required: true, nonEmpty: true },
  { name: 'prompt', type: 'string' },
  { name: 'resolution', type: 'string', oneOf: ['480p', '720p'] },
  { name: 'mask_image', type: 'string', nonEmpty: true },
  { name: 'seed', type: 'integer', minimum: 1, maximum: 2_147_483_647 },
];

/** `version` is deprecated and ignored [doc create-prediction]. */
const ENVELOPE: readonly FieldRule[] = [
  { name: 'model', type: 'string', required: true, nonEmpty: true },
  { name: 'version', type: 'string' },
  { name: 'webhook_url', type: 'string' },
  { name: 'webhook_secret', type: 'string' },
];

/** No price is published [page eachlabs]; $0.04 a second, at least 5 s, is assumed. */
const MICROS_PER_SECOND = 40_000;
const MINIMUM_SECONDS = 5;
/** "Estimated Processing Time: 300 seconds" [page eachlabs]. */
const WALL_MS = 300_000;

/** `POST /v1/prediction/` [page eachlabs]. */
export const eachlabsCreate: CreateRoute = {
  dialect: eachlabsDialect,
  route: 'eachlabs/infinitalk',
  newId: randomUUID,
  order,
  takesDataUris: false,
  judge,
  // No default is given; that it is random without one is assumed.
  seed: { byDefault: null, random: null },
  quote(_world, _order, [audioMs = 0]) {
    const seconds = Math.max(MINIMUM_SECONDS, Math.ceil(audioMs / 1000));
    return { priceMicros: seconds * MICROS_PER_SECOND, outputMs: audioMs, fixedLength: false };
  },
  wallMs: (_outputMs, random) => WALL_MS * (0.7 + random() * 0.6),
  // [doc create-prediction]: this "success" means accepted, not done.
  accepted: (_world, { id }) => ({
    status: 200,
    body: { status: 'success', message: 'Prediction created successfully', predictionID: id },
  }),
};

function order(body: JsonBody): { order: Order } | { refused: Reply } {
  // "unparseable body" [doc errors].
  if (!('json' in body) || !isObject(body.json)) return { refused: eachlabsDialect.refuse(422) };
  const { input, ...envelope } = body.json;
  const [issue] = checkFields(ENVELOPE, envelope);
  if (issue !== undefined) return invalid(describeIssue(issue));
  if (envelope.model !== EACHLABS_MODEL) {
    return { refused: eachlabsDialect.refuse(404, `model not found: ${envelope.model}`) };
  }
  if (input === undefined) return invalid('input is required');
  if (!isObject(input)) return invalid('input must be an object');
  const [inputIssue] = checkFields(EACHLABS_INPUT, input);
  if (inputIssue !== undefined) return invalid(`input.${describeIssue(inputIssue)}`);
  const { audio, video, mask_image } = input as Record<string, string | undefined>;
  const media: MediaInput[] = [
    { field: 'video', value: video as string, role: 'picture' },
    { field: 'audio', value: audio as string, role: 'audio' },
  ];
  if (mask_image !== undefined) media.push({ field: 'mask_image', value: mask_image, role: 'mask' });
  return { order: { inputs: input, media, arrangement: 'single', details: {} } };
}

/** "publicly-reachable HTTPS URLs only … Data-URIs and localhost URLs are rejected" [page eachlabs]. */
function judge({ input, kind }: MediaProblem): ReturnType<CreateRoute['judge']> {
  const { field, value } = input;
  switch (kind) {
    case 'data-uri':
      return invalid(`input.${field}: data URIs are not accepted`);
    case 'foreign-loopback':
      return invalid(`input.${field}: localhost URLs are not accepted`);
    case 'not-a-url':
    case 'foreign-http':
      return invalid(`input.${field} must be a publicly reachable HTTPS URL`);
    case 'unreadable':
      return { failure: { cause: 'media-unreadable', field, value } };
    case 'foreign':
    case 'missing':
      return { failure: { cause: 'media-unreachable', field, value } };
  }
}

function invalid(details: string): { refused: Reply } {
  return { refused: eachlabsDialect.refuse(400, details) };
}
