import { buffer } from 'node:stream/consumers';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BucketSettings } from '@localize/core';
import type { StagedFile } from '../run-options.js';
import { type BegunUpload, begunUploads, callOffUpload, partsThere } from './begun-uploads.js';
import { bucketClient, type Patience } from './bucket-client.js';
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

/** @param patience for tests of a storage that keeps silent */
export function openBucket(settings: BucketSettings, credentials: BucketCredentials, patience?: Patience): Bucket {
  return new S3Bucket(settings, bucketClient(settings, credentials, patience));
}

class S3Bucket implements Bucket {
  readonly #settings: BucketSettings;
  readonly #client: S3Client;
  readonly #buffers = new PartBuffers();

  constructor(settings: BucketSettings, client: S3Client) {
    this.#settings = settings;
    this.#client = client;
  }

  async head(name: string, signal: AbortSignal): Promise<Head> {
    try {
      const found = await this.#client.send(new HeadObjectCommand(this.#at(name)), { abortSignal: signal });
      return { bytes: found.ContentLength ?? 0, contentId: found.Metadata?.[CONTENT_ID] ?? null };
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 404) return 'missing';
      // Without the right to list, a bucket says this of what is not there too. A reply to HEAD has no words: 400 is also
      // how an expired session is refused.
      if (statusOf(error) === 403 || statusOf(error) === 400) return 'refused';
      throw bucketFailure(this.#settings, error);
    }
  }

  async has(name: string, bytes: number, signal: AbortSignal, contentId?: string): Promise<boolean> {
    const found = await this.head(name, signal);
    // An upload tells what a refusal meant.
    if (typeof found === 'string') return false;
    return found.bytes === bytes && (contentId === undefined || found.contentId === contentId);
  }

  async upload(name: string, file: StagedFile, signal: AbortSignal): Promise<void> {
    const isNamedByContents = name.includes(file.contentId.slice('sha256:'.length));
    const origin = await this.#send(name, file, isNamedByContents ? 'any' : 'alike', signal);
    if (isNamedByContents || origin === 'begun') return;
    // What was gone on with says in its metadata what it was begun for, which may be a file that begins like this one.
    if (origin === 'gone-on-with' && (await this.has(name, file.bytes, signal, file.contentId))) return;
    await this.#send(name, file, 'none', signal);
  }

  async #send(
    name: string,
    file: StagedFile,
    resumes: MultipartUpload['resumes'],
    signal: AbortSignal,
  ): Promise<UploadOrigin | null> {
    signal.throwIfAborted();
    const body = readChecked(file.path, file.contentId);
    const object = { ...this.#at(name), ContentType: file.contentType, Metadata: { [CONTENT_ID]: file.contentId } };
    const onProgress = (bytes: number) => file.onProgress?.(bytes);
    try {
      if (file.bytes <= partBytes(file.bytes)) {
        const content = await buffer(body);
        await this.#client.send(new PutObjectCommand({ ...object, Body: content }), { abortSignal: signal });
        onProgress(content.length);
        return 'begun';
      }
      const sizes = { partBytes: partBytes(file.bytes), buffers: this.#buffers };
      const parts = { client: this.#client, object, ...sizes, resumes, onProgress };
      return await uploadInParts(parts, body, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A file that has changed is no failure of the storage.
      if (error === body.errored) throw error;
      // Another machine may have put the same parts together a moment ago.
      if (statusOf(error) === 404 && (await this.has(name, file.bytes, signal, file.contentId))) return 'begun';
      throw bucketFailure(this.#settings, error);
    } finally {
      body.destroy();
    }
  }

  async list(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null> {
    const found = new Map<string, number>();
    try {
      const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#settings.bucket, Prefix: prefix });
      for await (const page of pages) {
        signal.throwIfAborted();
        for (const { Key, Size } of page.Contents ?? []) if (Key !== undefined) found.set(Key, Size ?? 0);
        if (!page.IsTruncated) break;
      }
      return found;
    } catch (error) {
      signal.throwIfAborted();
      if (statusOf(error) === 403) return null;
      throw bucketFailure(this.#settings, error);
    }
  }

  async begun(prefix: string, signal: AbortSignal): Promise<BegunUpload[]> {
    const found: BegunUpload[] = [];
    try {
      const below = { Bucket: this.#settings.bucket, Prefix: prefix };
      for await (const each of begunUploads(this.#client, below, signal)) found.push(each);
      return found;
    } catch (error) {
      signal.throwIfAborted();
      throw bucketFailure(this.#settings, error);
    }
  }

  async bytesOf(upload: BegunUpload, signal: AbortSignal): Promise<number> {
    let bytes = 0;
    try {
      for await (const { Size } of partsThere(this.#client, this.#settings.bucket, upload, signal)) bytes += Size ?? 0;
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      throw bucketFailure(this.#settings, error);
    }
  }

  async callOff(upload: BegunUpload): Promise<void> {
    try {
      await callOffUpload(this.#client, this.#settings.bucket, upload);
    } catch (error) {
      if (statusOf(error) !== 404) throw bucketFailure(this.#settings, error);
    }
  }

  presign(name: string, lifetimeMs: number): Promise<string> {
    const expiresIn = Math.floor(lifetimeMs / 1000);
    return getSignedUrl(this.#client, new GetObjectCommand(this.#at(name)), { expiresIn });
  }

  #at(name: string) {
    return { Bucket: this.#settings.bucket, Key: name };
  }
}
