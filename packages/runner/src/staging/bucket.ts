import { buffer } from 'node:stream/consumers';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BucketSettings } from '@localize/core';
import type { StagedFile } from '../run-options.js';
import { type BegunUpload, begunUploads, callOffUpload, partsThere } from './begun-uploads.js';
import type { BucketCredentials } from './bucket-credentials.js';
import { bucketFailure, statusOf } from './bucket-failure.js';
import { type MultipartUpload, type UploadOrigin, uploadInParts } from './multipart-upload.js';
import { PartBuffers } from './part-buffers.js';
import { partBytes } from './part-bytes.js';
import { readChecked } from './read-checked.js';

/** The object's metadata that says what is in it: names of outputs say nothing of their contents. */
const CONTENT_ID = 'localize-content';

/** What a bucket says of one object. */
export type Head = { readonly bytes: number; readonly contentId: string | null } | 'missing' | 'refused';

/** What is done with a bucket. */
export interface Bucket {
  /** Whether an object of that name and size is there; with a content id, whether it was uploaded with that. */
  has(name: string, bytes: number, signal: AbortSignal, contentId?: string): Promise<boolean>;
  head(name: string, signal: AbortSignal): Promise<Head>;
  upload(name: string, file: StagedFile, signal: AbortSignal): Promise<void>;
  /** Sizes of all objects whose names begin so, by name; `null` where it is refused. */
  list(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null>;
  /** Uploads in parts that are neither complete nor called off, of names that begin so. */
  begun(prefix: string, signal: AbortSignal): Promise<BegunUpload[]>;
  /** Bytes of such an upload that are there. */
  bytesOf(upload: BegunUpload, signal: AbortSignal): Promise<number>;
  /** Removes what is there of one; one that is gone is gone. */
  callOff(upload: BegunUpload): Promise<void>;
  /** A URL that reads the object without credentials; asks nobody. */
  presign(name: string, lifetimeMs: number): Promise<string>;
}

/** How long a storage may keep silent, in milliseconds. The client alone would wait for as long as the machine does. */
interface Patience {
  /** Until a connection is made. */
  readonly connectMs: number;
  /** Without a byte in either direction: a storage may put large parts together for a minute. */
  readonly idleMs: number;
}

const PATIENCE: Patience = { connectMs: 15_000, idleMs: 120_000 };

export function openBucket(
  settings: BucketSettings,
  credentials: BucketCredentials,
  patience: Patience = PATIENCE,
): Bucket {
  const client = createClient(settings, credentials, patience);
  const buffers = new PartBuffers();
  const at = (name: string) => ({ Bucket: settings.bucket, Key: name });

  async function head(name: string, signal: AbortSignal): Promise<Head> {
    try {
      const found = await client.send(new HeadObjectCommand(at(name)), { abortSignal: signal });
      return { bytes: found.ContentLength ?? 0, contentId: found.Metadata?.[CONTENT_ID] ?? null };
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 404) return 'missing';
      // Without the right to list, a bucket says this of what is not there too. A reply to HEAD has no words: 400 is also
      // how an expired session is refused.
      if (statusOf(error) === 403 || statusOf(error) === 400) return 'refused';
      throw bucketFailure(settings, error);
    }
  }

  async function has(name: string, bytes: number, signal: AbortSignal, contentId?: string): Promise<boolean> {
    const found = await head(name, signal);
    // An upload tells what a refusal meant.
    if (typeof found === 'string') return false;
    return found.bytes === bytes && (contentId === undefined || found.contentId === contentId);
  }

  async function upload(name: string, file: StagedFile, signal: AbortSignal): Promise<void> {
    const isNamedByContents = name.includes(file.contentId.slice('sha256:'.length));
    const origin = await send(name, file, isNamedByContents ? 'any' : 'alike', signal);
    if (isNamedByContents || origin === 'begun') return;
    // What was gone on with says in its metadata what it was begun for, which may be a file that begins like this one.
    if (origin === 'gone-on-with' && (await has(name, file.bytes, signal, file.contentId))) return;
    await send(name, file, 'none', signal);
  }

  async function send(
    name: string,
    file: StagedFile,
    resumes: MultipartUpload['resumes'],
    signal: AbortSignal,
  ): Promise<UploadOrigin | null> {
    signal.throwIfAborted();
    const body = readChecked(file.path, file.contentId);
    const object = { ...at(name), ContentType: file.contentType, Metadata: { [CONTENT_ID]: file.contentId } };
    const onProgress = (bytes: number) => file.onProgress?.(bytes);
    try {
      if (file.bytes <= partBytes(file.bytes)) {
        const content = await buffer(body);
        await client.send(new PutObjectCommand({ ...object, Body: content }), { abortSignal: signal });
        onProgress(content.length);
        return 'begun';
      }
      const parts = { client, object, partBytes: partBytes(file.bytes), buffers, resumes, onProgress };
      return await uploadInParts(parts, body, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A file that has changed is no failure of the storage.
      if (error === body.errored) throw error;
      // Another machine may have put the same parts together a moment ago.
      if (statusOf(error) === 404 && (await has(name, file.bytes, signal, file.contentId))) return 'begun';
      throw bucketFailure(settings, error);
    } finally {
      body.destroy();
    }
  }

  async function list(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null> {
    const found = new Map<string, number>();
    try {
      const pages = paginateListObjectsV2({ client }, { Bucket: settings.bucket, Prefix: prefix });
      for await (const page of pages) {
        signal.throwIfAborted();
        for (const { Key, Size } of page.Contents ?? []) if (Key !== undefined) found.set(Key, Size ?? 0);
        if (!page.IsTruncated) break;
      }
      return found;
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 403) return null;
      throw bucketFailure(settings, error);
    }
  }

  async function begun(prefix: string, signal: AbortSignal): Promise<BegunUpload[]> {
    const found: BegunUpload[] = [];
    try {
      const below = { Bucket: settings.bucket, Prefix: prefix };
      for await (const each of begunUploads(client, below, signal)) found.push(each);
      return found;
    } catch (error) {
      signal.throwIfAborted();
      throw bucketFailure(settings, error);
    }
  }

  async function bytesOf(upload: BegunUpload, signal: AbortSignal): Promise<number> {
    let bytes = 0;
    try {
      for await (const { Size } of partsThere(client, settings.bucket, upload, signal)) bytes += Size ?? 0;
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      throw bucketFailure(settings, error);
    }
  }

  async function callOff(upload: BegunUpload): Promise<void> {
    try {
      await callOffUpload(client, settings.bucket, upload);
    } catch (error) {
      if (statusOf(error) !== 404) throw bucketFailure(settings, error);
    }
  }

  const presign = (name: string, lifetimeMs: number) =>
    getSignedUrl(client, new GetObjectCommand(at(name)), { expiresIn: Math.floor(lifetimeMs / 1000) });

  return { has, head, upload, list, begun, bytesOf, callOff, presign };
}

/**
 * Whether a bucket lets these credentials in; asks without changing anything.
 * @returns `no-listing` when all that is known is that they may not look: they may still upload
 * @throws StagingError
 */
export async function lookAtBucket(
  settings: BucketSettings,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<'open' | 'no-listing'> {
  const client = createClient(settings, credentials);
  try {
    // Of an object that is not there, the refusal says what is wrong: the bucket, the key, or a right that is missing.
    const Key = `${settings.prefix}.localize-doctor`;
    await client.send(new GetObjectCommand({ Bucket: settings.bucket, Key }), { abortSignal: signal });
    return 'open';
  } catch (error) {
    const { name } = error as { name?: string };
    if (name === 'NoSuchKey') return 'open';
    if (name === 'AccessDenied') return 'no-listing';
    throw bucketFailure(settings, error);
  } finally {
    client.destroy();
  }
}

/** One object below the prefix, any; `null` where there is none, or nobody may look. */
export async function someObject(
  settings: BucketSettings,
  credentials: BucketCredentials,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly bytes: number } | null> {
  const client = createClient(settings, credentials);
  try {
    const command = new ListObjectsV2Command({ Bucket: settings.bucket, Prefix: settings.prefix, MaxKeys: 1 });
    const { Contents: [found] = [] } = await client.send(command, { abortSignal: signal });
    return found?.Key === undefined || found.Size === undefined ? null : { name: found.Key, bytes: found.Size };
  } catch (error) {
    if (statusOf(error) === 403) return null;
    throw bucketFailure(settings, error);
  } finally {
    client.destroy();
  }
}

/** Storages that know a bucket only as a part of the host name. */
const BUCKET_IN_HOST = /\.(amazonaws\.com(\.cn)?|aliyuncs\.com)$/;

function createClient(
  settings: BucketSettings,
  { accessKeyId, secretAccessKey, sessionToken }: BucketCredentials,
  { connectMs, idleMs }: Patience = PATIENCE,
) {
  return new S3Client({
    endpoint: settings.endpoint,
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
    region: settings.region,
    forcePathStyle: !BUCKET_IN_HOST.test(new URL(settings.endpoint).hostname),
    credentials: {
      accessKeyId: accessKeyId.reveal(),
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    },
    // Not every storage knows the newer checksums, and contents are checked by their hash anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
