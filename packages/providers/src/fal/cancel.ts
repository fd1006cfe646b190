import type { CallContext, CancelResult, JsonObject, Route } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { referenceId } from '../verbs/judge-create.js';
import { httpFailure } from './failure.js';
import { cancelSchema, requestPath } from './wire.js';

/** The words of `PUT …/cancel`, whatever its HTTP status is [doc cancel]. */
const OUTCOMES: Readonly<Record<string, CancelResult>> = {
  ok: { outcome: 'canceled', message: 'removed from the queue' },
  cancellation_requested: { outcome: 'asked', message: 'the model was asked to stop; it may finish and bill' },
  already_completed: { outcome: 'too-late', message: 'it had completed' },
  not_found: { outcome: 'unknown', message: 'fal does not know this request' },
};

export async function cancel(_route: Route, reference: JsonObject, context: CallContext): Promise<CancelResult> {
  const path = requestPath(referenceId(reference), '/cancel');
  const exchange = await sendJson(context, { method: 'PUT', host: 'base_url', path });
  if (!exchange.arrived) return { outcome: 'unanswered', message: exchange.failure.message };
  const word = cancelSchema.safeParse(exchange.json).data?.status?.word;
  const known = word !== undefined && Object.hasOwn(OUTCOMES, word) ? OUTCOMES[word] : undefined;
  if (known !== undefined) return known;
  if (exchange.status === 404) return { outcome: 'unknown', message: httpFailure(exchange).message };
  if (exchange.status === 202) return { outcome: 'asked', message: 'the model was asked to stop' };
  const { message, kind } = httpFailure(exchange);
  return { outcome: 'unanswered', message, ...(kind === 'auth' && { isKeyRefused: true }) };
}
