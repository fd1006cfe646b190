import { type BucketSettings, LocalizeError, type Plan } from '@localize/core';
import { type BucketCredentials, checkBucket, checkPublicUrl, StagingError, shortSession } from '@localize/runner';
import { readBucketCredentials } from '../batch/session.js';
import type { Secrets } from '../keys/secrets.js';
import { checkKey } from './check-keys.js';
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

const CHECK_PUBLIC = 'check staging.s3.public_base_url: providers must reach it, without credentials';

/**
 * The credentials, which all buckets share, and what each bucket says to them. Writes nothing.
 * @param answers whether a bucket's host is there; where it is not, that has been said
 */
export async function lookAtBuckets(
  buckets: readonly NamedBucket[],
  { answers, secrets, signal }: { answers: (bucket: NamedBucket) => boolean; secrets: Secrets; signal: AbortSignal },
): Promise<Finding[]> {
  if (buckets.length === 0) return [];
  const credentials = await readBucketCredentials(secrets).catch((error: unknown) => {
    if (error instanceof LocalizeError) return error;
    throw error;
  });
  if (credentials instanceof LocalizeError) return [fail('bucket key', credentials.message, credentials.hint ?? '')];
  const looks = buckets.map((bucket) => lookAtBucket(bucket, answers(bucket), credentials, signal));
  return [checkKey('bucket key', 'AWS_ACCESS_KEY_ID', secrets), ...(await Promise.all(looks)).flat()];
}

/** Whether a bucket is there and lets us in, and the others where its objects are public. */
async function lookAtBucket(
  { field, settings }: NamedBucket,
  answers: boolean,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { bucket, publicBaseUrl } = settings;
  const findings: Finding[] = [];
  let isOpen = false;
  try {
    if (field === 'staging.s3') findings.push(...sessionFindings(settings, credentials));
    if (!answers) return findings;
    const found = await checkBucket(settings, credentials, signal);
    findings.push(
      found === 'open'
        ? ok('bucket', `${bucket} is there, and lets the credentials in`)
        : warn('bucket', `${bucket} answers that the credentials may not look into it`, 'they need put, get and head'),
    );
    isOpen = true;
    if (publicBaseUrl === null) return findings;
    const look = await checkPublicUrl({ ...settings, publicBaseUrl }, credentials, signal);
    return [...findings, publicFinding(look, publicBaseUrl)];
  } catch (error) {
    if (error instanceof StagingError) {
      if (isOpen) return [...findings, fail('bucket in public', error.message, CHECK_PUBLIC)];
      // What answered has said why; where nothing did, the way there is all that can be wrong.
      const rest = error.lasting
        ? 'the credentials, and what they may do there'
        : 'and that it can be reached from here';
      return [...findings, fail('bucket', error.message, `check ${field} in the manifest, ${rest}`)];
    }
    throw error;
  }
}

/** Temporary credentials end, and what they have signed with them. */
function sessionFindings(settings: BucketSettings, credentials: BucketCredentials): Finding[] {
  if (credentials.sessionToken === null || settings.publicBaseUrl !== null) return [];
  const about = 'bucket session';
  const short = shortSession(settings, credentials, Date.now());
  const { expiresAtMs } = credentials;
  if (expiresAtMs !== undefined && expiresAtMs <= Date.now() && short !== null)
    return [fail(about, short, 'get new ones, or unset AWS_CREDENTIAL_EXPIRATION where it is not theirs')];
  if (short !== null) return [warn(about, short, 'get credentials that last longer, or new ones just before the run')];
  const end =
    expiresAtMs === undefined ? 'AWS_CREDENTIAL_EXPIRATION does not say when' : new Date(expiresAtMs).toISOString();
  return [ok(about, `temporary credentials: the URLs that they sign end with them (${end})`)];
}

function publicFinding(look: Awaited<ReturnType<typeof checkPublicUrl>>, publicBaseUrl: string): Finding {
  const about = 'bucket in public';
  const { host } = new URL(publicBaseUrl);
  if (look === 'nothing-there') return ok(about, `${host} is looked at when a run has staged its first file`);
  if ('unlisted' in look)
    return warn(about, `${host} was not looked at: ${look.unlisted}`, 'a run looks at its first file');
  return look.unclear === null
    ? ok(about, `an object of the bucket can be read at ${host}`)
    : warn(about, look.unclear, CHECK_PUBLIC);
}
