import { type BucketSettings, plainText } from '@localize/core';
import { StagingError } from './staging-error.js';

interface ServiceFault {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Of a reply that the client could not read; its message is for who develops with it. */
  readonly $responseBodyText?: unknown;
}

/** The HTTP status of a failed call; `null` when no reply came. */
export function statusOf(error: unknown): number | null {
  return (error as ServiceFault | null)?.$metadata?.httpStatusCode ?? null;
}

/** What a bucket answered, in one line without credentials or signed URLs. */
export function bucketFailure(settings: BucketSettings, error: unknown): StagingError {
  if (error instanceof StagingError) return error;
  const status = statusOf(error);
  const { name, code, message } = (error ?? {}) as ServiceFault;
  const where = `bucket ${settings.bucket} at ${new URL(settings.endpoint).host}`;
  if (status === null) {
    return new StagingError(`${where} could not be used: ${plainText(code ?? message ?? String(error))}`, {
      lasting: false,
    });
  }
  if ('$responseBodyText' in (error as ServiceFault)) {
    const foreign = `${where} answered ${status} with something that no S3 storage says: check \`endpoint\``;
    return new StagingError(foreign, { lasting: isLasting(status) });
  }
  const words = [name, message].filter((part) => part && part !== 'UnknownError' && part !== 'Unknown').join(': ');
  return new StagingError(`${where} answered ${status}${words ? ` ${plainText(words)}` : ''}`, {
    lasting: isLasting(status),
  });
}

function isLasting(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429;
}
