import { LocalizeError, type Secret, secret } from '@localize/core';

/** What opens a bucket. Never written anywhere. */
export interface BucketCredentials {
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret | null;
}

/** The variables that are read; the last one is not needed everywhere. */
export const BUCKET_VARIABLES: readonly string[] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

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
  return { accessKeyId, secretAccessKey, sessionToken: token ? secret(token) : null };
}
