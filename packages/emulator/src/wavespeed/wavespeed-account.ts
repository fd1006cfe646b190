import type { Http } from '../http/env.js';
import { checkFields, type FieldRule } from '../http/fields.js';
import { isObject, readJson } from '../http/read-json.js';
import { refuseBody } from '../http/refuse-body.js';
import type { Reply } from '../http/reply.js';
import { soundMs } from '../media/media-reader.js';
import { resolveMedia } from '../media/resolve-media.js';
import { chargedMicros } from '../predict/prediction.js';
import type { World } from '../world.js';
import { envelope, wavespeedDialect } from './wavespeed-dialect.js';
import { billedSeconds, WAVESPEED_MODELS, type WavespeedModel } from './wavespeed-model.js';

/** What every account of the emulator begins with [assumed]. */
const OPENING_BALANCE_MICROS = 1_000_000_000;

/** `GET /api/v3/balance` -> `data.balance` in dollars [client source wscli]. */
export function readBalance(world: World, account: string): Reply {
  const now = world.now();
  const spent = world.predictions
    .ofProvider('wavespeed')
    .filter((one) => one.account === account)
    .reduce((sum, one) => sum + chargedMicros(one, now), 0);
  return envelope({ balance: (OPENING_BALANCE_MICROS - spent) / 1e6 });
}

/** `POST /api/v3/model/price {model_id, inputs}` [client source wsmcp]; without audio it falls to the floor price. */
export async function quotePrice(world: World, http: Http): Promise<Reply> {
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(wavespeedDialect, body, 400);
  const { model_id, inputs } = body.json;
  const model = WAVESPEED_MODELS.find((one) => one.id === model_id);
  if (model === undefined) return wavespeedDialect.refuse(404, `model ${String(model_id)} not found`);
  const price = (await priceMicros(world, model, isObject(inputs) ? inputs : {})) / 1e6;
  return envelope({ model_id, price, discounted_price: price, discount_rate: 0, currency: 'USD' });
}

async function priceMicros(world: World, model: WavespeedModel, inputs: Record<string, unknown>): Promise<number> {
  const voices = model.fields.filter((field) => field.name.endsWith('audio'));
  const lengths = await Promise.all(voices.map((field) => lengthMs(world, inputs[field.name])));
  const together = voices.length > 1 && (inputs.order ?? 'meanwhile') === 'meanwhile';
  const seconds = billedSeconds(lengths, together, world.options.wavespeedMinimumSeconds);
  return seconds * model.microsPerSecond(inputs);
}

async function lengthMs(world: World, url: unknown): Promise<number> {
  if (typeof url !== 'string') return 0;
  const resolved = await resolveMedia(world, url);
  if (!('found' in resolved)) return 0;
  const measured = await world.media.measure(resolved.found.sha256);
  return 'facts' in measured ? soundMs(measured.facts) : 0;
}

/** `GET /api/v3/models` [client source wscli]; the fields of an entry are assumed. */
export function listModels(): Reply {
  return envelope(
    WAVESPEED_MODELS.map((model) => ({
      model_id: model.id,
      name: model.name,
      base_price: (model.microsPerSecond({}) * 5) / 1e6,
      description: '',
      type: 'video-to-video',
      api_schema: {
        type: 'object',
        additionalProperties: false,
        required: model.fields.filter((field) => field.required).map((field) => field.name),
        properties: Object.fromEntries(model.fields.map(({ name, type, oneOf }) => [name, { type, enum: oneOf }])),
      },
    })),
  );
}

const DELETE_FIELDS: readonly FieldRule[] = [];

/** `POST /api/v3/predictions/delete {ids}` -> `data.deleted_count`; unknown ids are ignored [doc prediction-delete]. */
export async function deletePredictions(world: World, http: Http, account: string): Promise<Reply> {
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(wavespeedDialect, body, 400);
  const { ids, ...rest } = body.json;
  if (!Array.isArray(ids) || ids.some((id) => typeof id !== 'string') || checkFields(DELETE_FIELDS, rest).length > 0) {
    return wavespeedDialect.refuse(400, 'ids must be a list of task ids');
  }
  const own = ids
    .map((id) => world.predictions.find('wavespeed', id))
    .filter((one) => one !== undefined && one.account === account && one.deletedAt === null);
  for (const prediction of own) world.predictions.remove((prediction as { id: string }).id, world.now());
  return envelope({ deleted_count: own.length });
}
