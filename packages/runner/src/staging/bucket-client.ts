import { S3Client } from '@aws-sdk/client-s3';
import type { BucketSettings } from '@localize/core';
import type { BucketCredentials } from './bucket-credentials.js';

/** How long a storage may keep silent, in milliseconds. The client alone would wait for as long as the machine does. */
export interface Patience {
  /** Until a connection is made. */
  readonly connectMs: number;
  /** Without a byte in either direction: a storage may put large parts together for a minute. */
  readonly idleMs: number;
}

const PATIENCE: Patience = { connectMs: 15_000, idleMs: 120_000 };

/** Storages that know a bucket only as a part of the host name. */
const BUCKET_IN_HOST = /\.(amazonaws\.com(\.cn)?|aliyuncs\.com)$/;

export function bucketClient(
  settings: BucketSettings,
  { accessKeyId, secretAccessKey, sessionToken }: BucketCredentials,
  { connectMs, idleMs }: Patience = PATIENCE,
): S3Client {
  return new S3Client({
    endpoint: settings.endpoint,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
    region: settings.region,
    forcePathStyle: !BUCKET_IN_HOST.test(new URL(settings.endpoint).hostname),
    credentials: {
      accessKeyId: accessKeyId.reveal(),
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    },
    // Not every storage knows the newer checksums, and contents are checked by their hash anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
