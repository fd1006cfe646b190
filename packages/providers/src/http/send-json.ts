import type { CallContext, JsonObject } from '@localize/core';
import type { Dispatcher } from 'undici';
import { credentialHeaders } from './credentials.js';
import { type Exchange, exchange, type NoReply, notSent, type Outgoing } from './exchange.js';
import { type Address, addressUrl } from './url.js';
import { oneShotWires, sharedWire } from './wires.js';
import { withholdable } from './withholdable.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CREATE_TIMEOUT_MS = 60_000;

export interface JsonRequest extends Address {
  readonly method: Dispatcher.HttpMethod;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One call that may be asked again without harm: polls, listings, cancels, the first step of an upload. */
export async function sendJson(context: CallContext, request: JsonRequest): Promise<Exchange> {
  const outgoing = prepare(context, request, DEFAULT_TIMEOUT_MS);
  return outgoing === null ? KEY_UNUSABLE : exchange(outgoing, await sharedWire(), context);
}

/** The paid POST: one connection, one request, no second one whatever happens. */
export async function sendCreate(
  context: CallContext,
  request: Omit<JsonRequest, 'method'> & { readonly body: JsonObject },
): Promise<Exchange> {
  const outgoing = prepare(context, { ...request, method: 'POST' }, DEFAULT_CREATE_TIMEOUT_MS);
  if (outgoing === null) return KEY_UNUSABLE;
  const { connectOnce, openOneShotWire } = await oneShotWires();
  const guarded = context.withhold ? withholdable(connectOnce, context.withhold) : connectOnce;
  return exchange(outgoing, openOneShotWire(guarded), context);
}

export const KEY_UNUSABLE: NoReply = notSent({
  kind: 'auth',
  message: 'the key is empty or has characters that no header can carry',
});

function prepare(context: CallContext, request: JsonRequest, timeoutMs: number): Outgoing | null {
  const credentials = credentialHeaders(context.connection);
  if (credentials === null) return null;
  const json = request.body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method: request.method,
    url: addressUrl(context.connection, request),
    headers: { ...json, ...request.headers, ...credentials },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    own: true,
    timeoutMs: context.timeoutMs ?? timeoutMs,
  };
}
