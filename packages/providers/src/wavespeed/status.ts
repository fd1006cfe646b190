import type { CallContext, JsonObject, Route, StatusResult } from '@localize/core';
import type { z } from 'zod';
import type { Redact } from '../http/redact.js';
import { sendJson } from '../http/send-json.js';
import { segment } from '../http/url.js';
import type { StatusWord } from '../reading/fields.js';
import { referenceId } from '../verbs/judge-create.js';
import { judgePoll, meaningless, ofAnother, type Poll, unanswered } from '../verbs/judge-poll.js';
import { completed, failed, type OpenPhases, stillOpen } from '../verbs/phases.js';
import { httpFailure, predictionFailure } from './failure.js';
import { envelopeSchema, PREDICTIONS_PATH, predictionSchema } from './wire.js';

const OPEN: OpenPhases = { created: 'queued', processing: 'running' };

/** One look at a prediction. An envelope may refuse inside an HTTP 200, so its code decides where it holds none. */
export async function pollPrediction(id: string, context: CallContext): Promise<Poll> {
  const path = `${PREDICTIONS_PATH}/${segment(id)}/result`;
  const poll = judgePoll(await sendJson(context, { method: 'GET', host: 'base_url', path }), httpFailure);
  if (!poll.answered) return poll;
  const { code, data } = envelopeSchema.parse(poll.body);
  const prediction = predictionSchema.safeParse(data).data;
  const mixedUp = ofAnother(id, poll.reply, prediction?.id);
  if (mixedUp !== null) return unanswered(mixedUp);
  if (prediction?.status !== undefined) return poll;
  if (code === 404) return { answered: false, result: { state: 'vanished', failure: httpFailure(poll.reply) } };
  if (code !== undefined && code !== 200) return unanswered(httpFailure(poll.reply));
  return unanswered(meaningless(poll.reply, httpFailure));
}

export async function status(_route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult> {
  const poll = await pollPrediction(referenceId(reference), context);
  if (!poll.answered) return poll.result;
  const prediction = predictionSchema.parse(envelopeSchema.parse(poll.body).data);
  if (prediction.status === undefined) throw new Error('a poll that was answered names a status');
  return judge(prediction, prediction.status, poll.reply.redact);
}

/** The page lists four words; the official client knows `cancelled`, `timeout` and `deleted` besides [client source wsjs]. */
function judge(prediction: z.infer<typeof predictionSchema>, said: StatusWord, redact: Redact): StatusResult {
  switch (said.word) {
    case 'completed':
      return completed(prediction.outputs, redact, null);
    case 'failed':
    case 'timeout':
      return failed(predictionFailure(prediction, redact), null);
    case 'cancelled':
    case 'deleted':
      return failed(predictionFailure(prediction, redact), null, true);
    default:
      return stillOpen(said, OPEN, redact);
  }
}
