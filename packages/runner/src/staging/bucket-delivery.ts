import type { BucketSettings } from '@localize/core';
import type { DeliveredFile, Delivery } from '../run-options.js';
import type { Bucket } from './bucket.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { loadClient } from './load-client.js';
import { deliveryDestination } from './object-name.js';

/**
 * Delivery to a bucket that speaks S3, under the names that outputs have on disk. An object that was uploaded with the
 * same contents, by whichever run, is not uploaded again; another one under its name is replaced.
 */
export function createBucketDelivery(settings: BucketSettings, credentials: BucketCredentials): Delivery {
  let opened: Promise<Bucket> | undefined;
  const open = () => {
    opened ??= loadClient().then(({ openBucket }) => openBucket(settings, credentials));
    return opened;
  };
  const { prefix } = settings;
  return {
    destination: deliveryDestination(settings),
    deliver: async (file, signal) => {
      const bucket = await open();
      const name = `${prefix}${file.name}`;
      if (!(await bucket.has(name, file.bytes, signal, file.contentId))) await bucket.upload(name, file, signal);
    },
    missing: async ({ folder, files }, signal) => {
      const bucket = await open();
      const named = files.map((file) => ({ ...file, name: `${prefix}${file.name}` }));
      const missing = await missingObjects(bucket, `${prefix}${folder}/`, named, signal);
      return missing && new Set([...missing].map((name) => name.slice(prefix.length)));
    },
  };
}

/** Objects that are asked for one by one at the same time. */
const HEADS_AT_ONCE = 16;

/**
 * Which objects are not there, or of another size. One listing tells of a thousand; where it is refused, or signed in
 * another way than the storage expects, each object is asked for.
 * @returns `null` where that is refused too
 */
async function missingObjects(
  bucket: Bucket,
  folder: string,
  files: readonly DeliveredFile[],
  signal: AbortSignal,
): Promise<Set<string> | null> {
  const isOther = ({ bytes }: DeliveredFile, found: number) => bytes !== null && bytes !== found;
  const listed = await bucket.list(folder, signal);
  if (listed !== null) {
    const gone = files.filter((file) => isOther(file, listed.get(file.name) ?? -1) || !listed.has(file.name));
    return new Set(gone.map(({ name }) => name));
  }
  const missing = new Set<string>();
  const waiting = files.values();
  let refused = false;
  const ask = async () => {
    for (const file of waiting) {
      if (refused) return;
      const found = await bucket.head(file.name, signal);
      if (found === 'refused') refused = true;
      else if (found === 'missing' || isOther(file, found.bytes)) missing.add(file.name);
    }
  };
  await Promise.all(Array.from({ length: HEADS_AT_ONCE }, ask));
  return refused ? null : missing;
}
