import { Agent } from 'undici';
import { decoded, isPlain } from './decoded.js';
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
export const sharedWire: Wire = {
  send: async ({ url, method, headers, body = null }, signal) => {
    const reply = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      body,
      signal,
      // Whoever asks has a deadline for the whole exchange.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const encoding = reply.headers['content-encoding'];
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: async () => {
        if (isPlain(encoding)) return reply.body.text();
        return decoded(await reply.body.bytes(), encoding);
      },
      drop: () => void reply.body.on('error', () => {}).destroy(),
    };
  },
  close: () => true,
};
