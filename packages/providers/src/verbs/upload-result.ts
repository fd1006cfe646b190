import type { Failure, UploadResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';

/** The answer to one step of an upload, or why the upload failed. */
export type UploadStep = { readonly reply: Reply } | { readonly failed: UploadResult };

/** Any 2xx is an answer. @param failure how this server tells what went wrong */
export function uploadStep(exchange: Exchange, failure: (reply: Reply) => Failure): UploadStep {
  if (!exchange.arrived) return { failed: uploadFailed(exchange.failure) };
  if (exchange.status >= 200 && exchange.status < 300) return { reply: exchange };
  return { failed: uploadFailed(failure(exchange)) };
}

/** The storage behind a signed address is not the provider: its 403 tells nothing of our key. */
export function storageStep(exchange: Exchange): UploadStep {
  return uploadStep(exchange, (reply) => ({
    kind: 'provider',
    httpStatus: reply.status,
    message: `the provider’s storage answered with HTTP ${reply.status}`,
    ...(isOfAddress(reply) && { code: ADDRESS_REFUSED }),
  }));
}

export function uploadFailed(failure: Failure): UploadResult {
  return { outcome: 'failed', failure };
}

export function notAnAddress(): UploadResult {
  return uploadFailed({ kind: 'provider', message: 'the reply to the upload’s first step names no address' });
}

/** The failure's code where the storage refuses the signed address: another may be taken. */
const ADDRESS_REFUSED = 'address-refused';
const REFUSES_ADDRESS: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** Whose storage it is, no page tells: S3 tells an address that has lapsed by a 403, Google's by a 400 with words [assumed]. */
function isOfAddress({ status, text }: Reply): boolean {
  return REFUSES_ADDRESS.has(status) || (status === 400 && /expired/i.test(text));
}

/** How many addresses one upload asks for: each sends the whole file. */
const MOST_ADDRESSES = 3;

/**
 * An upload to a signed address, begun again with a new one where the storage refuses the one that it has: a single one may
 * have lapsed on its way, and all jobs of a file would be held for it.
 * @param upload asks for an address, and sends the file there
 */
export async function toSignedAddress(
  upload: () => Promise<UploadResult>,
  signal: AbortSignal | undefined,
): Promise<UploadResult> {
  for (let asked = 1; ; asked += 1) {
    const result = await upload();
    if (result.outcome === 'uploaded' || result.failure.code !== ADDRESS_REFUSED || signal?.aborted) return result;
    if (asked < MOST_ADDRESSES) continue;
    const { message } = result.failure;
    return uploadFailed({ ...result.failure, message: `${message} at each of ${MOST_ADDRESSES} addresses` });
  }
}
