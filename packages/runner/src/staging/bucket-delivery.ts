import type { BucketSettings } from '@localize/core';
import type { Delivery } from '../run-options.js';
import type { Bucket } from './bucket.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { loadClient } from './bucket-staging.js';

/**
 * Delivery to a bucket that speaks S3, under the names that outputs have on disk. An object that was uploaded with the
 * same contents, by whichever run, is not uploaded again; another one under its name is replaced.
 */
export function createBucketDelivery(settings: BucketSettings, credentials: BucketCredentials): Delivery {
  let opened: Promise<Bucket> | undefined;
  return {
    destination: `${settings.endpoint}/${settings.bucket}/${settings.prefix}`,
    deliver: async (file, signal) => {
      opened ??= loadClient().then(({ openBucket }) => openBucket(settings, credentials));
      const bucket = await opened;
      const name = `${settings.prefix}${file.name}`;
      if (!(await bucket.has(name, file.bytes, signal, file.contentId))) await bucket.upload(name, file, signal);
    },
  };
}
