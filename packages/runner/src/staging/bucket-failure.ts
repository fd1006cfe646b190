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
  const mend = mendOf(settings, name, status);
  return new StagingError(
    `${where} answered ${status}${words ? ` ${plainText(words)}` : ''}${mend === null ? '' : `; ${mend}`}`,
    { lasting: isLasting(status) || name === 'ExpiredToken' },
  );
}

/** What mends the refusals that people meet, by the names that S3 gives them; `null` of others. */
function mendOf({ bucket, region }: BucketSettings, name: string | undefined, status: number): string | null {
  switch (name) {
    case 'SignatureDoesNotMatch':
      return 'AWS_SECRET_ACCESS_KEY is not the one of this AWS_ACCESS_KEY_ID';
    case 'InvalidAccessKeyId':
      return 'this storage does not know AWS_ACCESS_KEY_ID (a temporary one needs AWS_SESSION_TOKEN too)';
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return 'AWS_SESSION_TOKEN has expired: get new temporary credentials (all three variables)';
    case 'InvalidToken':
      return 'AWS_SESSION_TOKEN does not belong to these credentials: unset it, or get all three variables anew';
    case 'RequestTimeTooSkewed':
    case 'RequestExpired':
      return 'this machine’s clock and the storage’s differ too much: set this one right';
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return 'the credentials lack a right: they need s3:PutObject, s3:GetObject and s3:ListBucket';
    case 'NoSuchBucket':
      return `there is no bucket ${bucket} there: make it, or check its name and \`endpoint\``;
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return `the bucket is in another region than ${region}: check \`region\` and \`endpoint\``;
    default:
      // A reply to HEAD has no body, and so no name.
      return status === 301 ? `the bucket is in another region than ${region}: check \`region\`` : null;
  }
}

function isLasting(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429;
}
