import type { S3Fields } from '../manifest/manifest.js';
import type { BucketSettings } from './plan.js';

/** A day: longer than any wait in a lane together with any route's timeout. */
const PRESIGN_MS = 24 * 60 * 60_000;

/** A `staging.s3` or `output.s3` section with its defaults; `null` without one. */
export function bucketSettings(fields: S3Fields | undefined): BucketSettings | null {
  if (fields === undefined) return null;
  return {
    bucket: fields.bucket,
    endpoint: fields.endpoint,
    region: fields.region,
    prefix: fields.prefix?.replace(/^\/+/, '') ?? '',
    presignMs: fields.presign ?? PRESIGN_MS,
    publicBaseUrl: fields.public_base_url ?? null,
  };
}
