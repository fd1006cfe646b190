import { accountOfKey } from '../http/account.js';
import type { Http } from '../http/env.js';
import { type Reply, retryAfterHeader, send } from '../http/reply.js';
import { slowDown } from '../http/slow-reply.js';
import type { World } from '../world.js';
import type { Dialect } from './create-route.js';
import { isListed, type Prediction } from './prediction.js';

/**
 * Answers a listing or another account-wide question: recognized, faulty when so programmed, else what `render` makes of
 * the predictions that the account may see, newest first. `shared` shows those of every account.
 */
export async function handleListing(
  world: World,
  http: Http,
  dialect: Dialect,
  render: (listed: Prediction[], account: string) => Reply | Promise<Reply>,
  shared = false,
): Promise<Response> {
  const account = accountOfKey(world, dialect.provider, dialect.key(http));
  const respond = (reply: Reply) => send({ ...reply, headers: { ...dialect.headers?.(http), ...reply.headers } });
  if (account === null) return respond(dialect.refuse(401));
  const candidate = { provider: dialect.provider };
  await slowDown(world, candidate, 'listing');
  const refusal = world.faults.take('refuse-listing', candidate);
  if (refusal !== undefined) {
    const reply = dialect.refuse(refusal.status);
    return respond({ ...reply, headers: { ...reply.headers, ...retryAfterHeader(refusal.retryAfter) } });
  }
  const now = world.now();
  const listed = world.predictions
    .ofProvider(dialect.provider)
    .filter((prediction) => (shared || prediction.account === account) && isListed(prediction, now));
  return respond(await render(listed, account));
}
