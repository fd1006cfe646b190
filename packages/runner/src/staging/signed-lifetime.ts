import { type BucketSettings, formatDuration } from '@localize/core';
import type { BucketCredentials } from './bucket-credentials.js';

/** How long a URL works that these credentials sign now: a storage refuses it from the moment they have ended. */
export function signedMs(settings: BucketSettings, { expiresAtMs }: BucketCredentials, nowMs: number): number {
  if (expiresAtMs === undefined) return settings.presignMs;
  return Math.max(0, Math.min(settings.presignMs, expiresAtMs - nowMs));
}

/**
 * What is to be known where the credentials end before an attempt may: a provider that reads its media late would be refused,
 * and the attempt is paid for. `null` where that is not known.
 */
export function shortSession(settings: BucketSettings, credentials: BucketCredentials, nowMs: number): string | null {
  const { expiresAtMs } = credentials;
  const { neededMs = 0, publicBaseUrl } = settings;
  if (expiresAtMs === undefined || publicBaseUrl !== null || expiresAtMs - nowMs >= neededMs) return null;
  const end = new Date(expiresAtMs).toISOString();
  return (
    `the bucket’s temporary credentials end at ${end} (AWS_CREDENTIAL_EXPIRATION), and with them every URL that they sign; ` +
    `an attempt may need its URLs for ${formatDuration(neededMs)}`
  );
}
