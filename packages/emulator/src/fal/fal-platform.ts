import type { Http } from '../http/env.js';
import type { Reply } from '../http/reply.js';
import type { Dialect } from '../predict/create-route.js';
import { chargedMicros, type Prediction } from '../predict/prediction.js';
import { glancePrediction } from '../predict/view.js';
import type { World } from '../world.js';
import { FAL_ENDPOINT, falDialect } from './fal-dialect.js';
import { billingUnits, FAL_UNIT_PRICE_MICROS } from './fal-price.js';
import { resultOf } from './fal-result.js';
import { PlatformQuery, QueryError } from './platform-query.js';

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['validation_error', 'Invalid request parameters'],
  401: ['authorization_error', 'Authentication required'],
  403: ['authorization_error', 'Access denied'],
  404: ['not_found', 'Resource not found'],
  429: ['rate_limited', 'Rate limit exceeded'],
};

/** The platform API has its own error body: `{"error":{"type","message"}}` [doc falplat]. */
export const platformDialect: Dialect = {
  ...falDialect,
  refuse(status, message) {
    const [type, usual] = ERRORS[status] ?? ['server_error', 'An unexpected error occurred'];
    return { status, body: { error: { type, message: message ?? usual } } };
  },
};

/** Runs a platform query, turning what is wrong with its parameters into a 400. */
export function answerQuery(http: Http, now: number, render: (query: PlatformQuery) => Reply): Reply {
  try {
    return render(new PlatformQuery(http, now));
  } catch (error) {
    if (error instanceof QueryError) return platformDialect.refuse(400, error.message);
    throw error;
  }
}

/**
 * `GET /models/requests/by-endpoint` [doc falplat]. `started_at` is a required field of an item, so that a request that
 * has not started is not listed; that `start` and `end` bound the time of sending is assumed.
 */
export function listRequests(world: World, query: PlatformQuery, listed: Prediction[]): Reply {
  const endpoints = query.required('endpoint_id');
  const requestId = query.one('request_id');
  const wanted = query.oneOf('status', ['success', 'error', 'user_error']);
  const sort = query.oneOf('sort_by', ['ended_at', 'duration']) ?? 'ended_at';
  const payloads = query.all('expand').includes('payloads');
  const { start, end } = query.window(requestId === undefined ? 1 : 90);
  const now = world.now();
  const items = (endpoints.includes(FAL_ENDPOINT) ? listed : [])
    .filter((one) => one.createdAt >= start && one.createdAt < end && now >= one.startsAt)
    .filter((one) => requestId === undefined || one.id === requestId)
    .map((one) => toItem(world, one, payloads))
    .filter((item) => wanted === undefined || outcomeOf(item.status_code) === wanted);
  const byEnd = (item: (typeof items)[number]) =>
    item.ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(item.ended_at);
  items.sort((a, b) => (sort === 'duration' ? (b.duration ?? 0) - (a.duration ?? 0) : compare(byEnd(b), byEnd(a))));
  const page = query.page(items, 50, 100);
  return { status: 200, body: { items: page.items, next_cursor: page.next, has_more: page.next !== null } };
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function toItem(world: World, prediction: Prediction, payloads: boolean) {
  const view = glancePrediction(world, prediction);
  const over = view.state === 'succeeded' || view.state === 'failed' || view.state === 'canceled';
  const endsAt = prediction.canceledAt ?? prediction.finishesAt;
  const result = over ? resultOf(view).reply : null;
  return {
    request_id: prediction.id,
    endpoint_id: FAL_ENDPOINT,
    sent_at: time(prediction.createdAt),
    started_at: time(Math.min(prediction.startsAt, endsAt)),
    ended_at: over ? time(endsAt) : null,
    status_code: result?.status ?? null,
    duration: over ? (endsAt - prediction.createdAt) / 1000 : null,
    ...(payloads && prediction.details.storesPayloads !== false
      ? { json_input: prediction.inputs, ...(result === null ? {} : { json_output: result.body }) }
      : {}),
  };
}

function outcomeOf(status: number | null): string | null {
  if (status === null) return null;
  return status < 400 ? 'success' : status < 500 ? 'user_error' : 'error';
}

/** `GET /models/billing-events` [doc falplat]: one event for each charged request. */
export function listBillingEvents(world: World, query: PlatformQuery, listed: Prediction[]): Reply {
  const endpoints = query.all('endpoint_id');
  const requests = query.all('request_id');
  const { start, end } = query.window(1);
  const now = world.now();
  const events = listed
    .filter((one) => one.createdAt >= start && one.createdAt < end && chargedMicros(one, now) > 0)
    .filter((one) => requests.length === 0 || requests.includes(one.id))
    .filter(() => endpoints.length === 0 || endpoints.includes(FAL_ENDPOINT))
    .map((one) => ({
      request_id: one.id,
      endpoint_id: FAL_ENDPOINT,
      timestamp: time(one.createdAt),
      output_units: billingUnits(one.details.frames as number),
      unit_price: FAL_UNIT_PRICE_MICROS / 1e6,
      percent_discount: null,
      cost_subtotal: one.priceMicros / 1e6,
      cost_discount: 0,
      cost_total: one.priceMicros / 1e6,
      cost_estimate_nano_usd: one.priceMicros * 1000,
    }));
  const page = query.page(events, 50, 10_000);
  return { status: 200, body: { billing_events: page.items, next_cursor: page.next, has_more: page.next !== null } };
}

/** `GET /models/pricing` [doc falplat]; that the unit is called `second` is assumed. */
export function listPrices(query: PlatformQuery): Reply {
  const known = query.required('endpoint_id').filter((id) => id === FAL_ENDPOINT);
  if (known.length === 0) return platformDialect.refuse(404);
  const price = {
    endpoint_id: FAL_ENDPOINT,
    unit_price: FAL_UNIT_PRICE_MICROS / 1e6,
    unit: 'second',
    currency: 'USD',
  };
  return { status: 200, body: { prices: [price], next_cursor: null, has_more: false } };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
