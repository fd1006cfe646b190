import { accountOfKey } from '../http/account.js';
import { sendBadBody } from '../http/bad-body.js';
import type { Http } from '../http/env.js';
import { type Reply, retryAfterHeader, send } from '../http/reply.js';
import { slowDown } from '../http/slow-reply.js';
import type { World } from '../world.js';
import type { Dialect } from './create-route.js';
import { isKnown, type Prediction } from './prediction.js';
import { type View, viewPrediction } from './view.js';

/** How a provider answers a poll. */
export interface Poll {
  dialect: Dialect;
  id: string;
  /** Words for an id that the provider does not know. */
  notFound: Reply;
  render(view: View): Reply;
  /** Whether an account may see the predictions of another. */
  shared?: boolean;
}

/** Answers a poll: recognized, faulty when so programmed, else the prediction as it stands. */
export async function handlePoll(world: World, http: Http, poll: Poll): Promise<Response> {
  const { dialect } = poll;
  const account = accountOfKey(world, dialect.provider, dialect.key(http));
  if (account === null) return send(withHeaders(dialect, http, dialect.refuse(401)));
  const prediction = findOwn(world, poll, account);
  const route = prediction?.route;
  const candidate = { provider: dialect.provider, ...(route === undefined ? {} : { route }) };

  await slowDown(world, candidate, 'poll');
  const refusal = world.faults.take('refuse-poll', candidate);
  if (refusal !== undefined) {
    const reply = refusal.status === 404 ? poll.notFound : dialect.refuse(refusal.status);
    const headers = { ...reply.headers, ...retryAfterHeader(refusal.retryAfter) };
    return send(withHeaders(dialect, http, { ...reply, headers }));
  }
  const proper =
    prediction === undefined
      ? withHeaders(dialect, http, poll.notFound)
      : withHeaders(dialect, http, poll.render(await viewPrediction(world, prediction)), prediction);
  const badBody = world.faults.take('bad-body', candidate, (fault) => fault.on === 'poll');
  return badBody === undefined ? send(proper) : sendBadBody(badBody, proper);
}

function findOwn(world: World, poll: Poll, account: string): Prediction | undefined {
  const prediction = world.predictions.find(poll.dialect.provider, poll.id);
  if (prediction === undefined || !isKnown(prediction, world.now())) return undefined;
  return poll.shared || prediction.account === account ? prediction : undefined;
}

function withHeaders(dialect: Dialect, http: Http, reply: Reply, prediction?: Prediction): Reply {
  return { ...reply, headers: { ...dialect.headers?.(http, prediction), ...reply.headers } };
}
