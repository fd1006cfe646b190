import type { CallContext, JsonObject, Route, StatusResult } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { segment } from '../http/url.js';
import { referenceId } from '../verbs/judge-create.js';
import { judgePoll, meaningless, ofAnother, type Poll, unanswered } from '../verbs/judge-poll.js';
import { completed, failed, type OpenPhases, stillOpen } from '../verbs/phases.js';
import { httpFailure, predictionFailure } from './failure.js';
import { PREDICTIONS_PATH, predictionSchema } from './wire.js';

/** The page lists no queued state [page vibedream]. */
const OPEN: OpenPhases = { processing: 'running' };

export async function pollPrediction(id: string, context: CallContext): Promise<Poll> {
  const path = `${PREDICTIONS_PATH}/${segment(id)}`;
  const poll = judgePoll(await sendJson(context, { method: 'GET', host: 'base_url', path }), httpFailure);
  if (!poll.answered) return poll;
  const mixedUp = ofAnother(id, poll.reply, predictionSchema.parse(poll.body).id);
  return mixedUp === null ? poll : unanswered(mixedUp);
}

export async function status(_route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  if (!poll.answered) return poll.result;
  const { redact } = poll.reply;
  const prediction = predictionSchema.parse(poll.body);
  const said = prediction.status;
  if (said === undefined) return { state: 'unanswered', failure: meaningless(poll.reply, httpFailure) };
  // What was charged is in the create reply alone, so a poll never states a cost.
  switch (said.word) {
    case 'completed':
      return completed(prediction.outputs, redact, null);
    case 'failed':
      return failed(predictionFailure(prediction.error, redact), null);
    default:
      return stillOpen(said, OPEN, redact);
  }
}
