import type { CallContext, CancelResult, JsonObject, Route } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { segment } from '../http/url.js';
import { referenceId } from '../verbs/judge-create.js';
import { httpFailure } from './failure.js';
import { PREDICTION_PATH } from './wire.js';

/** Marks the record as canceled; the model upstream may go on, so a success is only `asked` [doc cancel-prediction]. */
export async function cancel(_route: Route, reference: JsonObject, context: CallContext): Promise<CancelResult> {
  const path = `${PREDICTION_PATH}/${segment(referenceId(reference))}/cancel`;
  const exchange = await sendJson(context, { method: 'POST', host: 'base_url', path });
  if (!exchange.arrived) return { outcome: 'unanswered', message: exchange.failure.message };
  if (exchange.status >= 200 && exchange.status < 300) {
    return { outcome: 'asked', message: 'recorded as canceled; the model may run to its end' };
  }
  const { message, kind } = httpFailure(exchange);
  if (exchange.status === 404) return { outcome: 'unknown', message };
  return { outcome: 'unanswered', message, ...(kind === 'auth' && { isKeyRefused: true }) };
}
