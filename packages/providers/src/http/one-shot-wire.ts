import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { MAX_REPLY_BYTES, type Wire } from './exchange.js';

export const CONNECT_TIMEOUT_MS = 10_000;

/** Makes a connection for a create. It keeps none; what it keeps are TLS sessions, which make the next one cheaper. */
export const connectOnce: buildConnector.connector = buildConnector({ timeout: CONNECT_TIMEOUT_MS });

/**
 * A wire for one create: a fresh connection that is made at most once and never reused.
 *
 * The client reaches a socket only through the connector here, so the connector is the proof of what left: as long as
 * it has handed over no socket, no byte of the request can have left. A refused connection, a failed name lookup, a
 * connect timeout and a TLS failure all end before that. It hands over one socket and no second one, so the client
 * cannot send the request again either, and a socket that a kept-alive server may have closed meanwhile is never met.
 */
export function openOneShotWire(origin: string, connect: buildConnector.connector = connectOnce): Wire {
  let asked = false;
  let closed = false;
  let handedOver: Socket | null = null;
  const client = new Client(origin, {
    maxResponseSize: MAX_REPLY_BYTES,
    connect(options, callback) {
      if (asked || closed) {
        queueMicrotask(() => callback(new Error('a create connects once'), null));
        return;
      }
      asked = true;
      connect(options, (error, socket) => {
        if (error !== null) {
          callback(error, null);
        } else if (closed) {
          socket.destroy();
          callback(new Error('the create was stopped'), null);
        } else {
          handedOver = socket;
          callback(null, socket);
        }
      });
    },
  });
  return {
    dispatcher: client,
    close: () => {
      closed = true;
      // A connection that has ended with its exchange leaves nothing to destroy, and no second one is made.
      if (!handedOver?.destroyed) client.destroy().catch(() => {});
      return handedOver !== null;
    },
  };
}
