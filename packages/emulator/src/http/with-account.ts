import type { Dialect } from '../predict/create-route.js';
import type { World } from '../world.js';
import { accountOfKey } from './account.js';
import type { Http } from './env.js';
import { type Reply, send } from './reply.js';

/** Answers a request that needs a key and is neither a create, a poll nor a listing. */
export async function withAccount(
  world: World,
  http: Http,
  dialect: Dialect,
  render: (account: string) => Reply | Promise<Reply>,
): Promise<Response> {
  const account = accountOfKey(world, dialect.provider, dialect.key(http));
  const reply = account === null ? dialect.refuse(401) : await render(account);
  return send({ ...reply, headers: { ...dialect.headers?.(http), ...reply.headers } });
}
