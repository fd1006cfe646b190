import type { CallContext, JsonObject, Micros, Route } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { readUsd } from '../reading/usd.js';
import { instantText } from '../verbs/find-window.js';
import { referenceId } from '../verbs/judge-create.js';
import { billingEventSchema, billingSchema } from './wire.js';

/** The platform looks back a day unless told, and at most 90 days [doc platform API]. */
const LOOK_BACK_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * The billing events of one request, added up: fal books a retry as an event of its own. Events come seconds to minutes
 * after the result, and an ordinary key may not read them at all (403): both mean that nothing is known yet.
 */
export async function cost(_route: Route, reference: JsonObject, context: CallContext): Promise<Micros | null> {
  const id = referenceId(reference);
  const query = { request_id: id, start: instantText(Date.now() - LOOK_BACK_MS) };
  const exchange = await sendJson(context, {
    method: 'GET',
    host: 'platform_url',
    path: '/models/billing-events',
    query,
  });
  if (!exchange.arrived || exchange.status !== 200) return null;
  const events = billingSchema.safeParse(exchange.json).data?.billing_events ?? [];
  const own = events
    .map((event) => billingEventSchema.safeParse(event).data)
    .filter((event) => event?.request_id === id);
  if (own.length === 0) return null;
  let total = 0;
  for (const event of own) {
    const micros = readUsd(event?.cost_total);
    if (micros === null) return null;
    total += micros;
  }
  return total;
}
