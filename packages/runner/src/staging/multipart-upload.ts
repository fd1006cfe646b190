import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type BegunUpload, begunUploads, callOffUpload, partsThere } from './begun-uploads.js';
import type { PartBuffers } from './part-buffers.js';
import { partsAtOnce } from './part-bytes.js';

export interface MultipartUpload {
  readonly client: S3Client;
  /** The object, as a single put would send it. */
  readonly object: PutObjectCommandInput & { readonly Bucket: string; readonly Key: string };
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /** Shared by the uploads to a bucket. */
  readonly buffers: PartBuffers;
  /**
   * Which upload of this name that was cut short is gone on with: `any` where the name stands for the contents, `alike`
   * where every part of it must be one of this file. What is not gone on with is called off: its parts cost money as long
   * as they lie there.
   */
  readonly resumes: 'any' | 'alike' | 'none';
  readonly onProgress: (bytes: number) => void;
}

interface Part {
  /** From 1. */
  readonly number: number;
  readonly content: Buffer;
}

/** How an upload came about; what was begun earlier has the metadata of then. */
export type UploadOrigin = 'begun' | 'gone-on-with';

/** The upload that was cut short is of another file. */
class OtherContents extends Error {}

/** An upload that is not complete: its id, and what the storage has of it, by the numbers of the parts. */
interface Begun {
  readonly id: string;
  readonly etags: ReadonlyMap<number, string>;
}

/**
 * Uploads a file in parts, a few at once, and puts them together at its end. A part that an earlier try has brought there
 * is not sent again: the storage tells the MD5 of each. What a kill, an abort or a storage that is down cuts short stays
 * there for the next try; what fails in the file itself is called off.
 *
 * @returns `null`, with nothing uploaded, where what was cut short is of another file, which is called off
 *
 * Throws what the client and the stream throw, once no part is under way any more.
 */
export async function uploadInParts(
  upload: MultipartUpload,
  body: Readable,
  signal: AbortSignal,
): Promise<UploadOrigin | null> {
  const { client, object } = upload;
  const at = { Bucket: object.Bucket, Key: object.Key };
  const earlier = await findBegun(upload, signal);
  const begun = earlier ?? (await begin(upload, signal));
  const target = { ...at, UploadId: begun.id };
  let done: CompletedPart[];
  try {
    done = await sendParts(upload, begun, body, signal);
  } catch (error) {
    const isOther = error instanceof OtherContents;
    if ((isOther || error === body.errored) && !signal.aborted)
      await callOff(client, at.Bucket, { name: at.Key, id: begun.id });
    if (isOther) return null;
    throw error;
  }
  const command = new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: done } });
  await client.send(command, { abortSignal: signal });
  return earlier === null ? 'begun' : 'gone-on-with';
}

/** @returns all parts in their order */
async function sendParts(
  { client, object, buffers, partBytes, resumes, onProgress }: MultipartUpload,
  begun: Begun,
  body: Readable,
  signal: AbortSignal,
): Promise<CompletedPart[]> {
  const target = { Bucket: object.Bucket, Key: object.Key, UploadId: begun.id };
  const read = partReader(body);
  const done: CompletedPart[] = [];
  let bytes = 0;
  let isOver = false;

  async function sendNext(buffer: Buffer): Promise<void> {
    const part = isOver ? null : await read(buffer);
    if (part === null) {
      isOver = true;
      return;
    }
    const { number, content } = part;
    const etag = begun.etags.get(number);
    const isThere = etag === `"${createHash('md5').update(content).digest('hex')}"`;
    if (resumes === 'alike' && etag !== undefined && !isThere) throw new OtherContents();
    const command = new UploadPartCommand({ ...target, PartNumber: number, Body: content });
    const sent = isThere ? { ETag: etag } : await client.send(command, { abortSignal: signal });
    done[number - 1] = { PartNumber: number, ETag: sent.ETag };
    bytes += content.length;
    onProgress(bytes);
  }

  async function sendAll(): Promise<void> {
    try {
      while (!isOver) await buffers.lend(partBytes, sendNext);
    } finally {
      isOver = true;
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: partsAtOnce(partBytes) }, sendAll));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return done;
}

async function begin({ client, object }: MultipartUpload, signal: AbortSignal): Promise<Begun> {
  const made = await client.send(new CreateMultipartUploadCommand(object), { abortSignal: signal });
  return { id: made.UploadId ?? '', etags: new Map() };
}

/** `null` where there is none to go on with, or where the storage does not tell. */
async function findBegun({ client, object, resumes }: MultipartUpload, signal: AbortSignal): Promise<Begun | null> {
  const { Bucket, Key } = object;
  try {
    const found: BegunUpload[] = [];
    for await (const each of begunUploads(client, { Bucket, Prefix: Key }, signal)) {
      if (each.name === Key) found.push(each);
    }
    const last = resumes === 'none' ? undefined : found.pop();
    for (const each of found) await callOff(client, Bucket, each);
    if (last === undefined) return null;
    const etags = new Map<number, string>();
    for await (const { PartNumber, ETag } of partsThere(client, Bucket, last, signal)) {
      if (PartNumber && ETag) etags.set(PartNumber, ETag);
    }
    return { id: last.id, etags };
  } catch {
    // A right to list is not needed to upload, and some storages know no such listing.
    signal.throwIfAborted();
    return null;
  }
}

/** What cannot be called off lies there until the bucket's own rules remove it. */
async function callOff(client: S3Client, bucket: string, upload: Pick<BegunUpload, 'name' | 'id'>): Promise<void> {
  await callOffUpload(client, bucket, upload).catch(() => undefined);
}

/**
 * Reads a stream in pieces of its readers' buffers, each of them filled, but for the last; `null` at its end. Readers take
 * turns. A reader that comes no more leaves the stream as it is: it has not failed then.
 */
function partReader(body: Readable): (buffer: Buffer) => Promise<Part | null> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let turn: Promise<Part | null> = Promise.resolve(null);

  async function fill(buffer: Buffer): Promise<Part | null> {
    let filled = 0;
    while (filled < buffer.length) {
      if (rest.length === 0) {
        const { value, done } = await chunks.next();
        if (done) break;
        rest = value;
      }
      const copied = rest.copy(buffer, filled);
      rest = rest.subarray(copied);
      filled += copied;
    }
    if (filled === 0) return null;
    number += 1;
    return { number, content: buffer.subarray(0, filled) };
  }

  return (buffer) => {
    turn = turn.then(() => fill(buffer));
    return turn;
  };
}
