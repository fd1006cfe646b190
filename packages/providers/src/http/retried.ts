import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from './exchange.js';

const FIRST_PAUSE_MS = 250;

/**
 * Sends what is free and safe to send twice again when it breaks off, or when the server says that it may be better
 * later, with pauses that double. Never for a create.
 */
export async function retried(send: () => Promise<Exchange>, tries: number, signal?: AbortSignal): Promise<Exchange> {
  let exchange = await send();
  for (let tried = 1; tried < tries && isPassing(exchange) && !signal?.aborted; tried += 1) {
    await sleep(FIRST_PAUSE_MS * 2 ** (tried - 1), undefined, signal ? { signal } : {}).catch(() => undefined);
    if (!signal?.aborted) exchange = await send();
  }
  return exchange;
}

/** A file that cannot be read here will not be readable in a second. */
function isPassing(exchange: Exchange): boolean {
  if (!exchange.arrived) return exchange.failure.kind !== 'storage';
  return exchange.status >= 500 || exchange.status === 408 || exchange.status === 429;
}
