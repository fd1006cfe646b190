import { type BucketSettings, LocalizeError, type Plan } from '@localize/core';
import { checkBucket, StagingError } from '@localize/runner';
import { readBucketCredentials } from '../batch/session.js';
import type { Secrets } from '../keys/secrets.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** A bucket of the manifest, and the field that it stands in. */
export interface NamedBucket {
  readonly field: 'staging.s3' | 'output.s3';
  readonly settings: BucketSettings;
}

/** The buckets that a run would use. */
export function bucketsOf({ staging, delivery }: Plan): NamedBucket[] {
  return [
    ...(staging ? [{ field: 'staging.s3' as const, settings: staging }] : []),
    ...(delivery ? [{ field: 'output.s3' as const, settings: delivery }] : []),
  ];
}

/** Whether a bucket is there and lets us in. Writes nothing into it. */
export async function lookAtBucket(
  { field, settings }: NamedBucket,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Finding> {
  const { bucket } = settings;
  try {
    const credentials = await readBucketCredentials(secrets);
    const found = await checkBucket(settings, credentials, signal);
    return found === 'open'
      ? ok('bucket', `${bucket} is there, and lets the credentials in`)
      : warn('bucket', `${bucket} answers that the credentials may not look into it`, 'they need put, get and head');
  } catch (error) {
    if (error instanceof StagingError) {
      return fail('bucket', error.message, `check ${field} in the manifest, and the bucket’s own rules`);
    }
    if (error instanceof LocalizeError) return fail('bucket key', error.message, error.hint ?? '');
    throw error;
  }
}
