import type { Http } from '../http/env.js';
import { checkFields, describeIssue, type FieldRule } from '../http/fields.js';
import { isObject, readJson } from '../http/read-json.js';
import { refuseBody } from '../http/refuse-body.js';
import type { Reply } from '../http/reply.js';
import type { Prediction } from '../predict/prediction.js';
import { glancePrediction, workedSeconds } from '../predict/view.js';
import type { World } from '../world.js';
import { envelope, wavespeedDialect } from './wavespeed-dialect.js';
import { wavespeedData } from './wavespeed-poll.js';

/** [doc predictions-api]: both page fields are required; the filters are the vendor CLI's [client source wscli]. */
const FIELDS: readonly FieldRule[] = [
  { name: 'page', type: 'integer', required: true, minimum: 1 },
  { name: 'page_size', type: 'integer', required: true, minimum: 1, maximum: 100 },
  { name: 'model', type: 'string' },
  {
    name: 'status',
    type: 'string',
    oneOf: ['created', 'processing', 'completed', 'failed', 'cancelled', 'timeout', 'deleted'],
  },
  { name: 'created_after', type: 'string' },
  { name: 'created_before', type: 'string' },
];

/** "The API can only retrieve prediction data from the past 7 days" [doc docs-common-api/predictions]. */
const HISTORY_MS = 7 * 86_400_000;

/** `POST /api/v3/predictions`: the account's history, newest first. */
export async function listPredictions(world: World, http: Http, listed: Prediction[]): Promise<Reply> {
  const body = await readJson(http);
  if (!('json' in body) || !isObject(body.json)) return refuseBody(wavespeedDialect, body, 400);
  const [issue] = checkFields(FIELDS, body.json);
  if (issue !== undefined) return wavespeedDialect.refuse(400, describeIssue(issue));
  const { page, page_size, model, status, created_after, created_before } = body.json as {
    page: number;
    page_size: number;
    model?: string;
    status?: string;
    created_after?: string;
    created_before?: string;
  };
  const oldest = world.now() - HISTORY_MS;
  const after = created_after === undefined ? oldest : Math.max(oldest, Date.parse(created_after));
  const before = created_before === undefined ? Number.POSITIVE_INFINITY : Date.parse(created_before);
  if (Number.isNaN(after) || Number.isNaN(before)) {
    return wavespeedDialect.refuse(400, 'created_after and created_before must be RFC 3339 times');
  }
  const items = listed
    .filter((one) => one.createdAt >= after && one.createdAt <= before)
    .filter((one) => model === undefined || one.details.model === model)
    .map((one) => ({ prediction: one, item: toItem(world, one) }))
    .filter(({ item }) => status === undefined || item.status === status)
    .slice((page - 1) * page_size, page * page_size);
  return envelope({ page, items: items.map(({ item }) => item) });
}

function toItem(world: World, prediction: Prediction): Record<string, unknown> {
  const view = glancePrediction(world, prediction);
  const { id, model, outputs, urls, status, created_at, error, timings } = wavespeedData(world, view);
  return {
    id,
    model,
    // Whether the history returns inputs is not documented; the vendor's CLI types the field as optional.
    ...(world.options.wavespeedEchoesInputs ? { inputs: prediction.inputs } : {}),
    outputs,
    urls,
    status,
    created_at,
    error,
    executionTime: Math.round(workedSeconds(view) * 1000),
    timings,
  };
}
