import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type PutObjectCommandInput,
  paginateListParts,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

export interface MultipartUpload {
  readonly client: S3Client;
  /** The object, as a single put would send it. */
  readonly object: PutObjectCommandInput & { readonly Bucket: string; readonly Key: string };
  /** Bytes of every part but the last. */
  readonly partBytes: number;
  /**
   * Whether an upload of this name that was cut short is gone on with, which needs a name that stands for the contents.
   * Of others what was cut short is called off: its parts cost money as long as they lie there.
   */
  readonly resumes: boolean;
  readonly onProgress: (bytes: number) => void;
}

/** An upload that is not complete: its id, and what the storage has of it, by the numbers of the parts. */
interface Begun {
  readonly id: string;
  readonly etags: ReadonlyMap<number, string>;
}

/**
 * Uploads a file in parts, one at a time, and puts them together at its end. A part that an earlier try has brought there
 * is not sent again: the storage tells the MD5 of each. What a kill, an abort or a storage that is down cuts short stays
 * there for the next try; what fails in the file itself is called off.
 *
 * Throws what the client and the stream throw.
 */
export async function uploadInParts(upload: MultipartUpload, body: Readable, signal: AbortSignal): Promise<void> {
  const { client, object, onProgress } = upload;
  const at = { Bucket: object.Bucket, Key: object.Key };
  const begun = (await findBegun(upload, signal)) ?? (await begin(upload, signal));
  const target = { ...at, UploadId: begun.id };
  const done: CompletedPart[] = [];
  let bytes = 0;
  try {
    for await (const part of partsOf(body, upload.partBytes)) {
      const number = done.length + 1;
      const etag = begun.etags.get(number);
      const isThere = etag === `"${createHash('md5').update(part).digest('hex')}"`;
      const sent = isThere
        ? { ETag: etag }
        : await client.send(new UploadPartCommand({ ...target, PartNumber: number, Body: part }), {
            abortSignal: signal,
          });
      done.push({ PartNumber: number, ETag: sent.ETag });
      bytes += part.length;
      onProgress(bytes);
    }
  } catch (error) {
    if (error === body.errored && !signal.aborted) await callOff(client, target);
    throw error;
  }
  const command = new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: done } });
  await client.send(command, { abortSignal: signal });
}

async function begin({ client, object }: MultipartUpload, signal: AbortSignal): Promise<Begun> {
  const made = await client.send(new CreateMultipartUploadCommand(object), { abortSignal: signal });
  return { id: made.UploadId ?? '', etags: new Map() };
}

/** `null` where there is none to go on with, or where the storage does not tell. */
async function findBegun({ client, object, resumes }: MultipartUpload, signal: AbortSignal): Promise<Begun | null> {
  const at = { Bucket: object.Bucket, Key: object.Key };
  try {
    const asked = new ListMultipartUploadsCommand({ Bucket: at.Bucket, Prefix: at.Key });
    const { Uploads = [] } = await client.send(asked, { abortSignal: signal });
    const ids = Uploads.flatMap(({ Key, UploadId }) => (Key === at.Key && UploadId ? [UploadId] : []));
    const last = resumes ? ids.pop() : undefined;
    for (const id of ids) await callOff(client, { ...at, UploadId: id });
    if (last === undefined) return null;
    const etags = new Map<number, string>();
    for await (const { Parts = [] } of paginateListParts({ client }, { ...at, UploadId: last })) {
      signal.throwIfAborted();
      for (const { PartNumber, ETag } of Parts) if (PartNumber && ETag) etags.set(PartNumber, ETag);
    }
    return { id: last, etags };
  } catch {
    // A right to list is not needed to upload, and some storages know no such listing.
    signal.throwIfAborted();
    return null;
  }
}

/** What cannot be called off lies there until the bucket's own rules remove it. */
async function callOff(client: S3Client, target: { Bucket: string; Key: string; UploadId: string }): Promise<void> {
  await client.send(new AbortMultipartUploadCommand(target)).catch(() => undefined);
}

/** A stream in pieces of one size; the last may be shorter. Who leaves early leaves it as it is: it has not failed then. */
async function* partsOf(body: Readable, bytes: number): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let rest = chunk;
    while (heldBytes + rest.length >= bytes) {
      const taken = rest.subarray(0, bytes - heldBytes);
      yield Buffer.concat([...held, taken], bytes);
      rest = rest.subarray(taken.length);
      held = [];
      heldBytes = 0;
    }
    held.push(rest);
    heldBytes += rest.length;
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}
