import { randomUUID } from 'node:crypto';
import type { CallContext, UploadFile } from '@localize/core';
import { credentialHeaders } from './credentials.js';
import { type Exchange, exchange } from './exchange.js';
import { type Frame, sendPart, uploadTimeoutMs } from './file-part.js';
import { KEY_UNUSABLE } from './send-json.js';
import { type Address, addressUrl } from './url.js';
import { sharedWire } from './wires.js';

/** Streams a file as the one field of a form [RFC 7578] to a host of the provider's own, with the key. */
export async function sendForm(
  context: CallContext,
  address: Address,
  { field, file }: { readonly field: string; readonly file: UploadFile },
): Promise<Exchange> {
  const credentials = credentialHeaders(context.connection);
  if (credentials === null) return KEY_UNUSABLE;
  const boundary = `localize-${randomUUID()}`;
  const wire = await sharedWire();
  return sendPart(
    { file, start: 0, end: file.bytes },
    ({ bytes, body }) =>
      exchange(
        {
          method: 'POST',
          url: addressUrl(context.connection, address),
          headers: {
            'content-type': `multipart/form-data; boundary=${boundary}`,
            'content-length': String(bytes),
            ...credentials,
          },
          body,
          own: true,
          timeoutMs: uploadTimeoutMs(context, bytes),
        },
        wire,
        context,
      ),
    frameOf(field, file, boundary),
  );
}

function frameOf(field: string, { name, contentType }: UploadFile, boundary: string): Frame {
  const disposition = `form-data; name="${field}"; filename="${quoted(name)}"`;
  const head = `--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${contentType}\r\n\r\n`;
  return { before: Buffer.from(head), after: Buffer.from(`\r\n--${boundary}--\r\n`) };
}

/** As browsers write it in a form [WHATWG HTML, multipart/form-data]. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
