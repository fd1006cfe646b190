import { Agent } from 'undici';
import { MAX_REPLY_BYTES, type Wire } from './exchange.js';
import { CONNECT_TIMEOUT_MS } from './one-shot-wire.js';

/** Kept-alive connections for everything that is free to ask again, bounded for each host. */
const agent = new Agent({
  connections: 128,
  pipelining: 1,
  maxResponseSize: MAX_REPLY_BYTES,
  connect: { timeout: CONNECT_TIMEOUT_MS },
});

/** Idle connections do not keep the process alive, so nothing has to close this. */
export const sharedWire: Wire = { dispatcher: agent, close: () => true };
