import type { BucketSettings } from '@localize/core';
import type { StagedFile, Staging } from '../run-options.js';
import type { Bucket } from './bucket.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { loadClient } from './load-client.js';
import { lookAtPublicUrl } from './look-at-public-url.js';
import { destinationOf, objectName, publicUrl } from './object-name.js';
import { shortSession, signedMs } from './signed-lifetime.js';
import { StagingError } from './staging-error.js';

/** The look was from here alone: a provider may see what could not be seen. */
const GOES_ON = 'the run goes on and buys, since providers may still reach it (check staging.s3.public_base_url)';

/**
 * Staging through a bucket that speaks S3. Objects are named by their contents: what is there already, from whichever
 * run or machine, is not uploaded again. The client is loaded when the first file is staged.
 */
export function createBucketStaging(
  settings: BucketSettings,
  credentials: BucketCredentials,
  nowMs: () => number = Date.now,
): Staging {
  let opened: Promise<Bucket> | undefined;
  const open = () => {
    opened ??= loadClient().then(({ openBucket }) => openBucket(settings, credentials));
    return opened;
  };

  let looked: Promise<string | null> | undefined;

  async function stage(file: StagedFile, signal: AbortSignal) {
    // Before anything goes up that nothing could read.
    keptMs();
    const bucket = await open();
    // What could not be read of the first file would not be read of the others either.
    const told = await looked;
    const name = objectName(settings, file.contentId, file.name);
    const there = await bucket.has(name, file.bytes, signal);
    if (!there) await bucket.upload(name, file, signal);
    const made = { ...(await urlOf(bucket, name)), reused: there };
    if (settings.publicBaseUrl === null) return { ...made, ...sessionWarning() };
    if (told !== undefined) return made;
    const isFirst = looked === undefined;
    looked ??= lookAtPublicUrl({ url: made.url, bytes: file.bytes }, signal);
    const warning = await looked;
    return isFirst && warning !== null ? { ...made, warning: `${warning}; ${GOES_ON}` } : made;
  }

  async function urlOf(bucket: Bucket, name: string) {
    const { publicBaseUrl, presignMs } = settings;
    const url = publicBaseUrl === null ? await bucket.presign(name, presignMs) : publicUrl(publicBaseUrl, name);
    return { url, keptMs: keptMs() };
  }

  /** Of a URL that is made now; public ones have no end. */
  function keptMs(): number | null {
    return settings.publicBaseUrl === null ? signedMs(settings, credentials, nowMs()) : null;
  }

  let isSessionTold = false;
  function sessionWarning(): { warning?: string } {
    const warning = isSessionTold ? null : shortSession(settings, credentials, nowMs());
    if (warning === null) return {};
    isSessionTold = true;
    return { warning: `${warning}: get new ones` };
  }

  return { destination: destinationOf(settings), stage };
}

/**
 * Looks whether some object that is in a bucket already can be read at its public URL.
 * @returns `nothing-there` when no object is known to look at, `unlisted` when the storage could not say whether there is
 *   one; else as {@link lookAtPublicUrl}
 * @throws StagingError
 */
export async function checkPublicUrl(
  settings: BucketSettings & { readonly publicBaseUrl: string },
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<{ readonly unclear: string | null } | { readonly unlisted: string } | 'nothing-there'> {
  const { someObject } = await loadClient();
  const object = await someObject(settings, credentials, signal).catch((error: unknown) => {
    if (error instanceof StagingError) return error;
    throw error;
  });
  if (object instanceof StagingError) return { unlisted: object.message };
  if (object === null) return 'nothing-there';
  const url = publicUrl(settings.publicBaseUrl, object.name);
  return { unclear: await lookAtPublicUrl({ url, bytes: object.bytes }, signal) };
}

/**
 * Looks whether a bucket is there and lets these credentials in, without changing anything.
 * @returns `no-listing` when all that is known is that they may not look: they may still upload
 * @throws StagingError
 */
export async function checkBucket(
  settings: BucketSettings,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<'open' | 'no-listing'> {
  const { lookAtBucket } = await loadClient();
  return lookAtBucket(settings, credentials, signal);
}
