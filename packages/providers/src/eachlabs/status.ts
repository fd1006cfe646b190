import type { CallContext, JsonObject, Route, StatusResult } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { segment } from '../http/url.js';
import { readUsd } from '../reading/usd.js';
import { referenceId } from '../verbs/judge-create.js';
import { judgePoll, meaningless, ofAnother, type Poll, unanswered } from '../verbs/judge-poll.js';
import { completed, failed, type OpenPhases, stillOpen } from '../verbs/phases.js';
import { httpFailure, predictionFailure } from './failure.js';
import { PREDICTION_PATH, predictionSchema } from './wire.js';

/** `processing` [page eachlabs]; `created` and `starting` [doc models.json]. */
const OPEN: OpenPhases = { created: 'queued', starting: 'queued', processing: 'running' };

/** Looks up one prediction; the listing does too, since it echoes no inputs. */
export async function pollPrediction(id: string, context: CallContext): Promise<Poll> {
  const path = `${PREDICTION_PATH}/${segment(id)}`;
  const poll = judgePoll(await sendJson(context, { method: 'GET', host: 'base_url', path }), httpFailure);
  if (!poll.answered) return poll;
  const named = predictionSchema.parse(poll.body);
  const mixedUp = ofAnother(id, poll.reply, named.predictionID, named.id);
  return mixedUp === null ? poll : unanswered(mixedUp);
}

export async function status(_route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  if (!poll.answered) return poll.result;
  const { redact } = poll.reply;
  const prediction = predictionSchema.parse(poll.body);
  const said = prediction.status;
  if (said === undefined) return { state: 'unanswered', failure: meaningless(poll.reply, httpFailure) };
  const costMicros = readUsd(prediction.metrics?.cost);
  switch (said.word) {
    case 'success':
      return completed(prediction.output, redact, costMicros);
    // "error" [page eachlabs]; "failed" and "cancelled" [doc models.json].
    case 'error':
    case 'failed':
      return failed(predictionFailure(prediction, redact), costMicros);
    case 'cancelled':
      return failed({ kind: 'provider', message: 'canceled at the provider', code: 'cancelled' }, costMicros, true);
    default:
      return stillOpen(said, OPEN, redact);
  }
}
