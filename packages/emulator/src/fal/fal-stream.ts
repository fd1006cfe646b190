import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { accountOfKey } from '../http/account.js';
import type { Http } from '../http/env.js';
import { send } from '../http/reply.js';
import { isKnown } from '../predict/prediction.js';
import { viewPrediction } from '../predict/view.js';
import type { World } from '../world.js';
import { falDialect } from './fal-dialect.js';
import { FAL_NOT_FOUND } from './fal-result.js';
import { renderFalStatus } from './fal-status.js';

const STEP_MS = 100;

/** `GET …/status/stream`: server-sent status objects, closed after `COMPLETED` [client source falclient]. */
export function streamFalStatus(world: World, http: Http): Response | Promise<Response> {
  const account = accountOfKey(world, 'fal', falDialect.key(http));
  if (account === null) return send(falDialect.refuse(401));
  const id = http.req.param('id') ?? '';
  const find = () => {
    const prediction = world.predictions.find('fal', id);
    const own = prediction?.account === account && isKnown(prediction, world.now());
    return own ? prediction : undefined;
  };
  if (find() === undefined) return send(FAL_NOT_FOUND);
  const write = async (stream: SSEStreamingApi) => {
    let last = '';
    let told = 0;
    while (!stream.aborted && !world.activity.stopping) {
      const prediction = find();
      if (prediction === undefined) return;
      const reply = renderFalStatus(world, await viewPrediction(world, prediction), http.req.query('logs') === '1');
      const body = reply.body as { status: string; logs?: readonly unknown[] | null };
      const whole = JSON.stringify(body);
      // The client puts the lines of all events together [client source falclient].
      const data = body.logs ? JSON.stringify({ ...body, logs: body.logs.slice(told) }) : whole;
      if (whole !== last) await stream.writeSSE({ data });
      last = whole;
      told = body.logs?.length ?? told;
      if (body.status === 'COMPLETED') return;
      await world.activity.pause(STEP_MS);
    }
  };
  return streamSSE(http, (stream) => world.activity.track(write(stream)));
}
