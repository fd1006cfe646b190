import { createMiddleware } from 'hono/factory';
import type { ProviderName } from '../provider-name.js';
import type { World } from '../world.js';
import type { Env } from './env.js';
import { cut } from './reply.js';

/**
 * Destroys every connection to a provider that is down. Creates are let through: their own handler does the same, and
 * notes in the ledger that one was seen.
 */
export function guardProvider(world: World, provider: ProviderName, isCreate: (path: string) => boolean) {
  return createMiddleware<Env>(async (http, next) => {
    const creates = http.req.method === 'POST' && isCreate(new URL(http.req.url).pathname);
    if (!creates && world.faults.take('down', { provider })) return cut(http);
    await next();
  });
}
