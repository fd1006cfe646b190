import { type BucketSettings, durationWords } from '@localize/core';
import type { BucketCredentials } from './bucket-credentials.js';
import { StagingError } from './staging-error.js';

/**
 * How long a URL works that these credentials sign now: a storage refuses it from the moment they have ended.
 * @throws StagingError where they have: some storages take them on, but nothing can be read by what they sign
 */
export function signedMs(settings: BucketSettings, { expiresAtMs }: BucketCredentials, nowMs: number): number {
  if (expiresAtMs === undefined) return settings.presignMs;
  const leftMs = expiresAtMs - nowMs;
  if (leftMs <= 0) throw new StagingError(`${sessionEnd(expiresAtMs, nowMs)}: get new ones`, { lasting: true });
  return Math.min(settings.presignMs, leftMs);
}

/**
 * What is to be known where the credentials end before an attempt may: a provider that reads its media late would be refused,
 * and the attempt is paid for. `null` where that is not known.
 */
export function shortSession(settings: BucketSettings, credentials: BucketCredentials, nowMs: number): string | null {
  const { expiresAtMs } = credentials;
  const { neededMs = 0, publicBaseUrl } = settings;
  if (expiresAtMs === undefined || publicBaseUrl !== null || expiresAtMs - nowMs >= neededMs) return null;
  return `${sessionEnd(expiresAtMs, nowMs)}; an attempt may need its URLs for ${durationWords(neededMs)}`;
}

function sessionEnd(expiresAtMs: number, nowMs: number): string {
  const end = `${expiresAtMs > nowMs ? 'end' : 'have ended'} at ${new Date(expiresAtMs).toISOString()}`;
  return `the bucket’s temporary credentials ${end} (AWS_CREDENTIAL_EXPIRATION), and with them every URL that they sign`;
}
