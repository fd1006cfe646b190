import { randomUUID } from 'node:crypto';
import { checkFields, describeIssue } from '../http/fields.js';
import { isObject, type JsonBody } from '../http/read-json.js';
import type { Reply } from '../http/reply.js';
import type { CreateRoute, MediaInput, MediaProblem, Order, Quote } from '../predict/create-route.js';
import type { Failure, Recipe } from '../predict/prediction.js';
import { glancePrediction } from '../predict/view.js';
import type { World } from '../world.js';
import { wavespeedDialect } from './wavespeed-dialect.js';
import { billedSeconds, MAXIMUM_SECONDS, type WavespeedModel } from './wavespeed-model.js';
import { renderWavespeed } from './wavespeed-poll.js';
import { holdCreate } from './wavespeed-sync.js';

/** `POST /api/v3/{model id}` of one model [page wavespeed, wavespeed multi]. */
export function wavespeedCreate(model: WavespeedModel): CreateRoute {
  return {
    dialect: wavespeedDialect,
    route: model.route,
    // 32 hex digits, as in the documents' examples [doc get-result, predictions-api].
    newId: () => randomUUID().replaceAll('-', ''),
    order: (body) => readOrder(model, body),
    takesDataUris: false,
    judge,
    // "-1 means a random seed will be used", and -1 is the default [page wavespeed, wavespeed multi].
    seed: { byDefault: -1, random: -1 },
    quote: (world, order, audioMs) => quote(world, model, order, audioMs),
    wallMs(outputMs, random) {
      const [least, most] = model.pace;
      return outputMs * (least + random() * (most - least));
    },
    accepted: (world, prediction) => renderWavespeed(world, glancePrediction(world, prediction)),
    hold: (world, prediction) => (prediction.details.syncMode ? holdCreate(world, prediction) : Promise.resolve(null)),
  };
}

function readOrder(model: WavespeedModel, body: JsonBody): { order: Order } | { refused: Reply } {
  if (!('json' in body) || !isObject(body.json)) return invalid('The request body must be a JSON object');
  const [issue] = checkFields(model.fields, body.json);
  if (issue !== undefined) return invalid(describeIssue(issue));
  const { enable_sync_mode: syncMode, ...inputs } = body.json;
  const text = inputs as Record<string, string | undefined>;
  const voices = text.audio === undefined ? ['left_audio', 'right_audio'] : ['audio'];
  const media: MediaInput[] = [
    { field: 'video', value: text.video as string, role: 'picture' },
    ...voices.map((field): MediaInput => ({ field, value: text[field] as string, role: 'audio' })),
  ];
  if (text.mask_image !== undefined) media.push({ field: 'mask_image', value: text.mask_image, role: 'mask' });
  // `meanwhile` is the page's default [page wavespeed multi].
  const arrangement = voices.length === 1 ? 'single' : ((text.order ?? 'meanwhile') as Recipe['arrangement']);
  return { order: { inputs, media, arrangement, details: { model: model.id, syncMode: syncMode === true } } };
}

function quote(world: World, model: WavespeedModel, order: Order, audioMs: readonly number[]): Quote {
  const together = order.arrangement === 'meanwhile';
  const outputMs = together ? Math.max(...audioMs) : audioMs.reduce((sum, one) => sum + one, 0);
  const seconds = billedSeconds(audioMs, together, world.options.wavespeedMinimumSeconds);
  const priced: Quote = {
    priceMicros: seconds * model.microsPerSecond(order.inputs),
    outputMs,
    fixedLength: false,
    details: { billedSeconds: seconds },
  };
  // "Max clip length per job: 10 minutes" [page wavespeed]; that a longer one fails, rather than is cut, is assumed.
  return outputMs <= MAXIMUM_SECONDS * 1000 ? priced : { ...priced, failure: tooLong(order, audioMs) };
}

/** Names the voices that are too long, or all of them where only their sum is. */
function tooLong({ media }: Order, audioMs: readonly number[]): Failure {
  const voices = media.filter((input) => input.role === 'audio').map((input) => input.field);
  const alone = voices.filter((_voice, index) => (audioMs[index] ?? 0) > MAXIMUM_SECONDS * 1000);
  if (alone.length > 0) return { cause: 'media-too-long', field: alone.join(', ') };
  const field = voices.join(', ');
  const message = `Invalid parameter ${field}: together longer than ${MAXIMUM_SECONDS} seconds`;
  return { cause: 'media-too-long', field, message };
}

/** Media are fetched by the task: what can't be used fails it with 1402 or 1401 [doc error-codes]. */
function judge({ input, kind }: MediaProblem): ReturnType<CreateRoute['judge']> {
  const { field, value } = input;
  // A data URI or a bare string is no URL; that the create is refused for it is assumed.
  if (kind === 'not-a-url' || kind === 'data-uri') return invalid(`${field} must be a publicly accessible URL`);
  return { failure: { cause: kind === 'unreadable' ? 'media-unreadable' : 'media-unreachable', field, value } };
}

function invalid(message: string): { refused: Reply } {
  return { refused: wavespeedDialect.refuse(400, message) };
}
