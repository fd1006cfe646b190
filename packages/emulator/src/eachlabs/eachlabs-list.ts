import type { Http } from '../http/env.js';
import type { Reply } from '../http/reply.js';
import { chargedMicros, type Prediction } from '../predict/prediction.js';
import { glancePrediction, workedSeconds } from '../predict/view.js';
import type { World } from '../world.js';
import { describeEachlabsFailure } from './eachlabs-poll.js';

/** The tokens that the `status` filter takes; any other is a 400 [doc list-executions]. */
const STATUS_TOKENS = ['created', 'starting', 'success', 'error'];
const CLASSES = [
  'content_moderation',
  'execution_timeout',
  'invalid_user_input',
  'invalid_model_config',
  'provider_auth',
  'provider_error',
  'provider_rate_limit',
  'provider_unavailable',
  'internal_error',
  'unknown',
];
const DAY_MS = 86_400_000;

/** `GET /v1/executions` [doc list-executions]: history of the whole organization, without inputs. */
export function listExecutions(world: World, http: Http, listed: Prediction[]): Reply {
  const query = (name: string) => http.req.query(name) ?? '';
  const limit = readWhole(query('limit'), 20, 1, 100);
  const offset = readWhole(query('offset'), 0, 0, Number.MAX_SAFE_INTEGER);
  const statuses = tokens(query('status'));
  const classes = tokens(query('error_classification'));
  const to = readTime(query('to')) ?? world.now();
  const from = readTime(query('from')) ?? to - 90 * DAY_MS;
  if (limit === null) return badRequest('limit must be between 1 and 100');
  if (offset === null) return badRequest('offset must not be negative');
  if (Number.isNaN(from) || Number.isNaN(to)) return badRequest('from and to must be RFC 3339 times');
  if (statuses.some((one) => !STATUS_TOKENS.includes(one))) {
    return badRequest(`status must be one of ${STATUS_TOKENS.join(', ')}`);
  }
  if (classes.some((one) => !CLASSES.includes(one))) {
    return badRequest(`error_classification must be one of ${CLASSES.join(', ')}`);
  }
  const matching = listed
    .filter((one) => one.createdAt >= from && one.createdAt <= to)
    .map((one) => summarize(world, one))
    .filter(({ summary }) => query('model') === '' || summary.model === query('model'))
    .filter(({ summary }) => statuses.length === 0 || statuses.includes(summary.status))
    .filter(({ failure }) => classes.length === 0 || (failure !== null && classes.includes(failure)));
  return {
    status: 200,
    body: {
      executions: matching.slice(offset, offset + limit).map(({ summary }) => summary),
      total_count: matching.length,
      total_capped: false,
      offset,
      limit,
    },
  };
}

function summarize(world: World, prediction: Prediction) {
  const view = glancePrediction(world, prediction);
  const { state, output, now } = view;
  const over = state === 'succeeded' || state === 'failed' || state === 'canceled';
  return {
    failure:
      state === 'failed' && prediction.failure !== null
        ? describeEachlabsFailure(prediction.failure).classification
        : null,
    summary: {
      id: prediction.id,
      model: 'infinitalk-video-to-video',
      requested_model: null,
      // The filter knows no `processing`; a running prediction is assumed to be listed as `starting`.
      status: { queued: 'created', running: 'starting', succeeded: 'success', failed: 'error', canceled: 'cancelled' }[
        state
      ],
      workflow_id: null,
      workflow_execution_id: null,
      execution_cost: chargedMicros(prediction, now) / 1e6,
      run_time: over ? Math.round(workedSeconds(view) * 1000) / 1000 : 0,
      created_at: time(prediction.createdAt),
      started_at: state === 'queued' ? null : time(prediction.startsAt),
      completed_at: over ? time(prediction.canceledAt ?? prediction.finishesAt) : null,
      output: output?.url ?? null,
    },
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}

function tokens(value: string): string[] {
  return value === '' ? [] : value.split(',').map((one) => one.trim());
}

function readWhole(value: string, usual: number, minimum: number, maximum: number): number | null {
  if (value === '') return usual;
  if (!/^\d+$/.test(value)) return null;
  const number = Number(value);
  return number < minimum || number > maximum ? null : number;
}

/** NaN for what is no time; null for nothing. */
function readTime(value: string): number | null {
  if (value === '') return null;
  return /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
}

/** The listing belongs to the later document, whose bodies are `{error}` [doc Error schema]. */
function badRequest(error: string): Reply {
  return { status: 400, body: { status: 400, error } };
}
