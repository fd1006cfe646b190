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
  }));
}

export function uploadFailed(failure: Failure): UploadResult {
  return { outcome: 'failed', failure };
}

export function notAnAddress(): UploadResult {
  return uploadFailed({ kind: 'provider', message: 'the reply to the upload’s first step names no address' });
}
