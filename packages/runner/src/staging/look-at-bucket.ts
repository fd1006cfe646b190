import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { BucketSettings } from '@localize/core';
import { bucketClient } from './bucket-client.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { bucketFailure, statusOf } from './bucket-failure.js';

/**
 * Whether a bucket lets these credentials in; asks without changing anything.
 * @returns `no-listing` when all that is known is that they may not look: they may still upload
 * @throws StagingError
 */
export async function lookAtBucket(
  settings: BucketSettings,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<'open' | 'no-listing'> {
  const client = bucketClient(settings, credentials);
  try {
    // Of an object that is not there, the refusal says what is wrong: the bucket, the key, or a right that is missing.
    const Key = `${settings.prefix}.localize-doctor`;
    await client.send(new GetObjectCommand({ Bucket: settings.bucket, Key }), { abortSignal: signal });
    return 'open';
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === 'NoSuchKey') return 'open';
    if (name === 'AccessDenied') return 'no-listing';
    throw bucketFailure(settings, error);
  } finally {
    client.destroy();
  }
}

/** One object below the prefix, any; `null` where there is none, or nobody may look. */
export async function someObject(
  settings: BucketSettings,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly bytes: number } | null> {
  const client = bucketClient(settings, credentials);
  try {
    const command = new ListObjectsV2Command({ Bucket: settings.bucket, Prefix: settings.prefix, MaxKeys: 1 });
    const { Contents: [found] = [] } = await client.send(command, { abortSignal: signal });
    return found?.Key === undefined || found.Size === undefined ? null : { name: found.Key, bytes: found.Size };
  } catch (error) {
    if (statusOf(error) === 403) return null;
    throw bucketFailure(settings, error);
  } finally {
    client.destroy();
  }
}
