import { extname } from 'node:path';
import type { BucketSettings } from '@localize/core';

/** An object is named by its contents, so that one file is one object, whoever uploads it and when. */
export function objectName(settings: BucketSettings, contentId: string, fileName: string): string {
  return `${settings.prefix}${contentId.replace(/^sha256:/, '')}${extname(fileName).toLowerCase()}`;
}

/** Where a public object is read; `/` in its name parts folders, all else is escaped. */
export function publicUrl(base: string, name: string): string {
  return `${base}/${name.split('/').map(encodeURIComponent).join('/')}`;
}

/** Names the bucket and the way in which its objects are read, for remembering what is there. */
export function destinationOf({ endpoint, bucket, prefix, publicBaseUrl }: BucketSettings): string {
  const read = publicBaseUrl === null ? 'presigned' : publicBaseUrl;
  return `s3 ${endpoint}/${bucket}/${prefix} ${read}`;
}

/** Whether two destinations of staged files are one place in one bucket, in whichever way its objects are read. */
export function isSamePlace(destination: string, other: string): boolean {
  const placeOf = (each: string) => each.slice(0, each.lastIndexOf(' '));
  return placeOf(destination) === placeOf(other);
}

/** Names the bucket that outputs are delivered to, for remembering what is there. */
export function deliveryDestination({ endpoint, bucket, prefix }: BucketSettings): string {
  return `${endpoint}/${bucket}/${prefix}`;
}
