import { formatDuration, LONGEST_MS } from '../manifest/fields/measure-fields.js';
import type { RouteId } from '../provider/route.js';
import { durationWords } from '../text/duration-words.js';
import type { BucketSettings } from './plan.js';

/** Between signing a URL and the create that sends it lies a wait for a place in the lane. */
const WAIT_MS = 10 * 60_000;

/** The route whose attempts may last longest of those that get URLs of the bucket. */
export interface LongestAttempt {
  readonly route: RouteId;
  readonly timeoutMs: number;
}

/**
 * A provider may read its media until the end of the attempt: a URL that expires earlier would fail one that is paid for.
 * @param stated what the manifest says of the URLs' life, in milliseconds; absent: nothing
 * @returns the bucket with URLs that live long enough, and what to say where that is longer than was asked for
 */
export function withLastingUrls(
  bucket: BucketSettings,
  stated: number | undefined,
  longest: LongestAttempt | null,
): { readonly bucket: BucketSettings; readonly warning: string | null } {
  if (longest === null || bucket.publicBaseUrl !== null) return { bucket, warning: null };
  const needed = Math.min(LONGEST_MS, longest.timeoutMs + WAIT_MS);
  const lasting = { ...bucket, neededMs: needed, presignMs: Math.max(needed, bucket.presignMs) };
  if (bucket.presignMs >= needed) return { bucket: lasting, warning: null };
  if (stated === undefined) return { bucket: lasting, warning: null };
  const attempt = `an attempt on ${longest.route} may last ${durationWords(longest.timeoutMs)}`;
  const warning = `staging.s3.presign is ${formatDuration(stated)}, but ${attempt} (its timeout): URLs are signed for ${durationWords(needed)}`;
  return { bucket: lasting, warning };
}
