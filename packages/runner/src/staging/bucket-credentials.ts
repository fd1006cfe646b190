import { LocalizeError, type Secret, secret } from '@localize/core';

/** What opens a bucket. Never written anywhere. */
export interface BucketCredentials {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | null;
  /** When temporary ones end, by the wall clock; absent where that is not said. */
  readonly expiresAtMs?: number | undefined;
}

/** Where it is said when temporary credentials end, as the SDKs of AWS read it and its tools write it. */
const EXPIRATION = 'AWS_CREDENTIAL_EXPIRATION';

/** The variables that are read; temporary credentials alone have the third, and at best the last. */
export const BUCKET_VARIABLES: readonly string[] = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  EXPIRATION,
];

/** Those of them that are no secrets. */
export const OPEN_BUCKET_VARIABLES: readonly string[] = [EXPIRATION];

/**
 * The bucket's credentials, under the names that every S3 tool reads.
 * @throws LocalizeError BUCKET_KEY_MISSING that names every missing variable
 */
export function bucketCredentials(variables: Readonly<Record<string, string | undefined>>): BucketCredentials {
  const missing: string[] = [];
  const read = (name: string) => {
    const value = variables[name]?.trim();
    if (!value) missing.push(name);
    return secret(value ?? '');
  };
  const accessKeyId = read('AWS_ACCESS_KEY_ID');
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY');
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are';
    throw new LocalizeError(
      'BUCKET_KEY_MISSING',
      `the bucket needs credentials: ${missing.join(' and ')} ${verb} not set`,
      {
        hint: 'set them in the environment or in .env beside the manifest',
      },
    );
  }
  const token = variables.AWS_SESSION_TOKEN?.trim();
  if (!token) return { accessKeyId, secretAccessKey, sessionToken: null };
  const end = Date.parse(variables[EXPIRATION]?.trim() ?? '');
  return { accessKeyId, secretAccessKey, sessionToken: secret(token), ...(!Number.isNaN(end) && { expiresAtMs: end }) };
}
