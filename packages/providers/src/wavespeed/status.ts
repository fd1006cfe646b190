import type { CallContext, JsonObject, Route, StatusResult } from '@localize/core';
import type { z } from 'zod';
import type { Redact } from '../http/redact.js';
import { sendJson } from '../http/send-json.js';
import { segment } from '../http/url.js';
import { outputUrl } from '../reading/output-url.js';
import { referenceId } from '../verbs/judge-create.js';
import { judgePoll, meaningless } from '../verbs/judge-poll.js';
import { completedEmpty, failed, type OpenPhases, stillOpen } from '../verbs/phases.js';
import { httpFailure, predictionFailure } from './failure.js';
import { envelopeSchema, PREDICTIONS_PATH, predictionSchema } from './wire.js';

const OPEN: OpenPhases = { created: 'queued', processing: 'running' };

export async function status(_route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult> {
  const path = `${PREDICTIONS_PATH}/${segment(referenceId(reference))}/result`;
  const poll = judgePoll(await sendJson(context, { method: 'GET', host: 'base_url', path }), httpFailure);
  if (!poll.answered) return poll.result;
  const envelope = envelopeSchema.parse(poll.body);
  const prediction = predictionSchema.safeParse(envelope.data).data;
  if (prediction?.status !== undefined) return judge(prediction, prediction.status, poll.reply.redact);
  if (envelope.code === 404) return { state: 'vanished', failure: httpFailure(poll.reply) };
  if (envelope.code !== undefined && envelope.code !== 200) {
    return { state: 'unanswered', failure: httpFailure(poll.reply) };
  }
  return { state: 'unanswered', failure: meaningless(poll.reply, httpFailure) };
}

/** The page lists four words; the official client knows `cancelled`, `timeout` and `deleted` besides [client]. */
function judge(prediction: z.infer<typeof predictionSchema>, word: string, redact: Redact): StatusResult {
  switch (word) {
    case 'completed': {
      const url = outputUrl(prediction.outputs);
      return url === null
        ? completedEmpty(null)
        : { state: 'completed', output: { url }, costMicros: null, seed: null };
    }
    case 'failed':
    case 'timeout':
      return failed(predictionFailure(prediction, redact), null);
    case 'cancelled':
    case 'deleted':
      return failed(predictionFailure(prediction, redact), null, true);
    default:
      return stillOpen(word, OPEN, redact);
  }
}
