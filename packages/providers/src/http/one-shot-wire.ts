import { type ClientRequest, type IncomingMessage, request as requestPlainly } from 'node:http';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { decoded } from './decoded.js';
import { type Answer, MAX_REPLY_BYTES, type Outgoing, type Wire } from './exchange.js';

export const CONNECT_TIMEOUT_MS = 10_000;

/** Makes a connection for a create. It keeps none; what it keeps are TLS sessions, which make the next one cheaper. */
export const connectOnce: buildConnector.connector = buildConnector({ timeout: CONNECT_TIMEOUT_MS });

/**
 * A wire for one create: a fresh connection that is made at most once and never reused.
 *
 * The request reaches a socket only through the connector here, so the connector is the proof of what left: as long as
 * it has handed over no socket, no byte of the request can have left. A refused connection, a failed name lookup, a
 * connect timeout and a TLS failure all end before that. It hands over one socket and no second one, so the request
 * cannot be sent again either, and a socket that a kept-alive server may have closed meanwhile is never met. Node's own
 * client sends it: a client of undici's for one request alone costs half as much again.
 */
export function openOneShotWire(connect: buildConnector.connector = connectOnce): Wire {
  let request: ClientRequest | null = null;
  let closed = false;
  let handedOver: Socket | null = null;
  return {
    send: (outgoing) => {
      if (request !== null || closed) return Promise.reject(new Error('a create connects once'));
      const asked = makeRequest(outgoing, (give) =>
        connect(addressOf(outgoing.url), (error, socket) => {
          if (error !== null) {
            give(error, null);
          } else if (closed) {
            socket.destroy();
            give(new Error('the create was stopped'), null);
          } else {
            handedOver = socket;
            give(null, socket);
          }
        }),
      );
      request = asked;
      return answerTo(asked);
    },
    close: () => {
      closed = true;
      request?.destroy();
      return handedOver !== null;
    },
  };
}

type Give = (error: Error | null, socket: Socket | null) => void;

/** @param connect is called once, at once */
function makeRequest({ url, method, headers, body }: Outgoing, connect: (give: Give) => void): ClientRequest {
  const request = requestPlainly({
    method,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    // Without an agent its connection ends with it.
    createConnection: (_options, given) => {
      connect(given as Give);
      return null;
    },
  });
  return request.end(body);
}

function answerTo(request: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    // Without somebody to hear it, a reply that would go on in another protocol ends nothing.
    request.on('upgrade', (reply, socket) => {
      socket.destroy();
      reject(new Error(`the reply (HTTP ${reply.statusCode}) asks for another protocol`));
    });
    request.on('response', (reply) => {
      const { statusCode = 0, headers } = reply;
      // Read from now on: what breaks off before somebody asks for it would go unnoticed.
      const text = textOf(reply);
      text.catch(() => undefined);
      resolve({ status: statusCode, headers, text: () => text, drop: () => reply.destroy() });
    });
  });
}

function textOf(reply: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    reply.on('error', reject);
    reply.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_REPLY_BYTES) chunks.push(chunk);
      else reply.destroy(Object.assign(new Error('the reply is too large'), { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }));
    });
    reply.on('end', () => {
      try {
        resolve(decoded(Buffer.concat(chunks), reply.headers['content-encoding']));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** As undici gives it to a connector. */
function addressOf({ protocol, host, hostname, port }: URL): buildConnector.Options {
  return { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
}
