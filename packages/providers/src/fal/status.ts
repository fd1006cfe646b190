import type { CallContext, JsonObject, OutputFile, Route, StatusResult } from '@localize/core';
import type { Reply } from '../http/exchange.js';
import { sendJson } from '../http/send-json.js';
import { asArray, asObject } from '../reading/fields.js';
import { referenceId } from '../verbs/judge-create.js';
import { judgePoll, meaningless, ofAnother } from '../verbs/judge-poll.js';
import { completed, failed, failedUncharged, type OpenPhases, stillOpen } from '../verbs/phases.js';
import { httpFailure, statusFailure } from './failure.js';
import { queueStatusSchema, requestPath, resultSchema, videoSchema } from './wire.js';

const OPEN: OpenPhases = { in_queue: 'queued', in_progress: 'running' };

/** Errors of fal's own infrastructure, which are results of 5xx and so not billed [doc request-errors, faq]. */
const UNBILLED = /^(?:internal_error|runner_\w+|request_timeout|startup_timeout)$/;

/** The queue's status and, once that is COMPLETED, the result: a failed one replays the model's own words. */
export async function status(_route: Route, reference: JsonObject, context: CallContext): Promise<StatusResult> {
  const id = referenceId(reference);
  const exchange = await sendJson(context, { method: 'GET', host: 'base_url', path: requestPath(id, '/status') });
  const poll = judgePoll(exchange, httpFailure);
  if (!poll.answered) return poll.result;
  const { redact } = poll.reply;
  const { request_id: named, status: said, error, error_type: type } = queueStatusSchema.parse(poll.body);
  const mixedUp = ofAnother(id, poll.reply, named);
  if (mixedUp !== null) return { state: 'unanswered', failure: mixedUp };
  if (said === undefined) return { state: 'unanswered', failure: meaningless(poll.reply, httpFailure) };
  if (said.word !== 'completed') return stillOpen(said, OPEN, redact);
  if (!isOfTheQueue(type)) {
    const told = await result(id, context);
    if ((isAbsent(error) && isAbsent(type)) || told.state === 'completed') return told;
    if (told.state === 'failed') return { ...told, unconfirmed: false };
  }
  const failure = statusFailure(error, type, redact);
  if (type !== undefined && UNBILLED.test(type)) return failedUncharged(failure);
  return failed(failure, null, type === 'client_cancelled');
}

/** Whether it ended before the model could say anything. */
function isOfTheQueue(type: string | undefined): boolean {
  return type !== undefined && (UNBILLED.test(type) || type === 'client_cancelled');
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Statuses of the result that speak of our key or of the moment, never of the model. */
const NOT_THE_MODEL: ReadonlySet<number> = new Set([401, 402, 403, 408, 409, 429]);

/**
 * The result of a COMPLETED request. A failed one replays the model's own status and body [doc result], among which an
 * error of the queue itself has to be told apart.
 */
async function result(id: string, context: CallContext): Promise<StatusResult> {
  const exchange = await sendJson(context, { method: 'GET', host: 'base_url', path: requestPath(id) });
  if (exchange.arrived && isReplay(exchange, id)) {
    const failure = httpFailure(exchange);
    if (exchange.status === 499) return failed(failure, null, true);
    // In plain words it may be of the queue's own server [client source falpy]. 5xx results are not billed [doc faq]; 4xx may be.
    const told = exchange.status < 500 ? failed(failure, null) : failedUncharged(failure);
    return { ...told, unconfirmed: !listsModelErrors(exchange) };
  }
  const poll = judgePoll(exchange, httpFailure);
  if (!poll.answered) return poll.result;
  const { video, seed } = resultSchema.parse(poll.body);
  const read = completed(video, poll.reply.redact, null);
  if (read.state !== 'completed') return read;
  return { ...read, output: { ...read.output, ...factsOf(video) }, seed: seed ?? null };
}

/**
 * Whether a failure is the model's. A 4xx with a `detail` is, unless it speaks of our key, our rate or an unknown id. A
 * 5xx is when it lists model errors, or says `detail` under the very id of the request; otherwise it may be the ingress.
 */
function isReplay(reply: Reply, id: string): boolean {
  const body = asObject(reply.json);
  if (reply.status < 400 || reply.status === 404 || NOT_THE_MODEL.has(reply.status)) return false;
  if (reply.status === 499) return true;
  if (body === null || body.detail === undefined) return false;
  if (reply.status < 500) return !saysUnfinished(body.detail);
  return listsModelErrors(reply) || reply.headers['x-fal-request-id'] === id;
}

function listsModelErrors(reply: Reply): boolean {
  return asArray(asObject(reply.json)?.detail).some((item) => asObject(item)?.type);
}

/** A result that is asked for too early has no page; its words are all that tells it from the model's own 400 [3p]. */
function saysUnfinished(detail: unknown): boolean {
  return typeof detail === 'string' && /in progress/i.test(detail);
}

function factsOf(video: unknown): Pick<OutputFile, 'contentType' | 'bytes'> {
  const { content_type: contentType, file_size: bytes } = videoSchema.safeParse(video).data ?? {};
  return { contentType, bytes };
}
