import type { Reply } from '../http/reply.js';
import { type View, workedSeconds } from '../predict/view.js';
import type { World } from '../world.js';
import { FAL_APP } from './fal-dialect.js';
import { resultOf } from './fal-result.js';

/** The URLs of a request; the endpoint's sub-path is dropped [doc queue, client source falclient]. */
function urlsOf(world: World, id: string) {
  const base = world.url(`/fal/queue/${FAL_APP}/requests/${id}`);
  return { response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel` };
}

/** The reply to a submit [client source falclient, doc webhooks]. */
export function submitBody(world: World, view: View): Record<string, unknown> {
  const { id } = view.prediction;
  return {
    status: 'IN_QUEUE',
    request_id: id,
    gateway_request_id: id,
    ...urlsOf(world, id),
    queue_position: queuePosition(world, view),
  };
}

/**
 * `GET …/requests/{id}/status`: 202 while queued or running, 200 when complete [doc inference-api]. A failure and a
 * cancellation are `COMPLETED` with `error` and `error_type`; no other status is ever sent [client source falpy].
 */
export function renderFalStatus(world: World, view: View, withLogs: boolean): Reply {
  const { prediction, state, oddStatus } = view;
  const common = { request_id: prediction.id, ...urlsOf(world, prediction.id) };
  const logs = withLogs ? logsOf(view) : null;
  if (oddStatus !== null) return { status: 202, body: { status: oddStatus, ...common, logs } };
  if (state === 'queued') {
    return { status: 202, body: { status: 'IN_QUEUE', ...common, queue_position: queuePosition(world, view) } };
  }
  if (state === 'running') return { status: 202, body: { status: 'IN_PROGRESS', ...common, logs } };
  const result = resultOf(view);
  const trouble = state === 'succeeded' ? {} : { error: result.error, error_type: result.errorType };
  const metrics = { inference_time: Math.round(workedSeconds(view) * 1000) / 1000 };
  return { status: 200, body: { status: 'COMPLETED', ...common, logs, metrics, ...trouble } };
}

/** How many of the account's requests wait before this one, from 0 [client source falclient]. */
function queuePosition(world: World, { prediction, now }: View): number {
  const waiting = world.predictions.open('fal', prediction.account, now).filter((one) => one.startsAt > now);
  return waiting.filter((one) => one.seq < prediction.seq).length;
}

/** `{message, level, source, timestamp}` [client source falclient]; the messages are made up. */
function logsOf({ prediction, state, now }: View) {
  const line = (at: number, message: string) => ({
    message,
    level: 'INFO',
    source: 'USER',
    timestamp: new Date(at).toISOString(),
  });
  if (prediction.canceledAt !== null && prediction.canceledAt < prediction.startsAt) return [];
  const lines = [line(prediction.startsAt, 'Loading inputs'), line(prediction.startsAt, 'Generating video')];
  if (state === 'succeeded' && now >= prediction.finishesAt) lines.push(line(prediction.finishesAt, 'Done'));
  return lines;
}
