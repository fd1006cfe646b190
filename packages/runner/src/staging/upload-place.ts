import type { BucketSettings } from '@localize/core';
import type { BegunUpload } from './begun-uploads.js';
import type { Bucket } from './bucket.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { loadClient } from './load-client.js';
import { deliveryDestination, destinationOf } from './object-name.js';

/** A bucket that a batch uploads to, for who looks after what was begun there and never ended. */
export interface UploadPlace {
  /** Its sources go there, named by their contents, or its outputs, named as on disk. */
  readonly gets: 'sources' | 'outputs';
  /** As staging or delivery remember it. */
  readonly destination: string;
  readonly settings: Pick<BucketSettings, 'bucket' | 'prefix'>;
  /** What was begun of names that begin so. @throws StagingError */
  begun(prefix: string, signal: AbortSignal): Promise<readonly BegunUpload[]>;
  /** What has arrived of one. @throws StagingError */
  bytesOf(upload: BegunUpload, signal: AbortSignal): Promise<number>;
  /** Removes what has arrived of one. @throws StagingError */
  callOff(upload: BegunUpload): Promise<void>;
}

export function createUploadPlace(
  gets: UploadPlace['gets'],
  settings: BucketSettings,
  credentials: BucketCredentials,
): UploadPlace {
  let opened: Promise<Bucket> | undefined;
  const open = () => {
    opened ??= loadClient().then(({ openBucket }) => openBucket(settings, credentials));
    return opened;
  };
  return {
    gets,
    destination: gets === 'sources' ? destinationOf(settings) : deliveryDestination(settings),
    settings,
    begun: async (prefix, signal) => (await open()).begun(prefix, signal),
    bytesOf: async (upload, signal) => (await open()).bytesOf(upload, signal),
    callOff: async (upload) => (await open()).callOff(upload),
  };
}
