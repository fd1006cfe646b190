import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Http } from './env.js';

/** An answer as plain data: what a provider says, before any fault touches it. */
export interface Reply {
  status: number;
  /** Sent as JSON, or as it is when it is a string. */
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Sends a reply. */
export function send(reply: Reply): Response {
  const { status, body } = reply;
  const noBody = status === 204 || status === 304;
  const text = noBody ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const contentType: Record<string, string> = noBody
    ? {}
    : { 'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json' };
  return new Response(text, { status, headers: { ...contentType, ...reply.headers } });
}

/** Destroys the connection without an answer. */
export function cut(http: Http): Response {
  http.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Headers of a 429 or 503 that says when to come back. */
export function retryAfterHeader(value: number | string | undefined): Record<string, string> {
  return value === undefined ? {} : { 'retry-after': String(value) };
}
