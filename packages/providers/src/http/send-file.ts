import type { CallContext } from '@localize/core';
import { type Exchange, exchange, notSent } from './exchange.js';
import { type FilePart, sendPart, uploadTimeoutMs } from './file-part.js';
import { sharedWire } from './wires.js';

/**
 * Streams a file, or a part of it, to an address that the provider signed for us. No key goes there, and exactly the
 * given headers do.
 */
export async function sendFile(
  context: CallContext,
  target: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  part: FilePart,
): Promise<Exchange> {
  const url = storageUrl(target.url);
  if (url === null) return notSent({ kind: 'provider', message: 'the upload address is no https URL' });
  const wire = await sharedWire();
  return sendPart(part, ({ bytes, body }) =>
    exchange(
      {
        method: 'PUT',
        url,
        headers: { 'content-length': String(bytes), ...target.headers },
        body,
        own: false,
        timeoutMs: uploadTimeoutMs(context, bytes),
      },
      wire,
      context,
    ),
  );
}

/** Asks an address that the provider signed for us, without a key: the end of an upload in parts. */
export async function sendUnsigned(context: CallContext, target: string, body: object): Promise<Exchange> {
  const url = storageUrl(target);
  if (url === null) return notSent({ kind: 'provider', message: 'the upload address is no https URL' });
  return exchange(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      own: false,
      timeoutMs: uploadTimeoutMs(context, 0),
    },
    await sharedWire(),
    context,
  );
}

/** Plain http only on this machine, as for the provider's own hosts. */
function storageUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback) ? url : null;
}
