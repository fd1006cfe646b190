import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type Part,
  paginateListParts,
  type S3Client,
} from '@aws-sdk/client-s3';

/** An upload in parts that is neither complete nor called off. Its parts cost money as long as they lie there. */
export interface BegunUpload {
  /** The object's. */
  readonly name: string;
  readonly id: string;
  /** By the storage's clock; `null` where it does not say. */
  readonly begunAtMs: number | null;
}

/** Those whose names begin so, the oldest of one name first. Throws what the client throws. */
export async function* begunUploads(
  client: S3Client,
  below: { readonly Bucket: string; readonly Prefix: string },
  signal: AbortSignal,
): AsyncGenerator<BegunUpload, void, undefined> {
  let from: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const command = new ListMultipartUploadsCommand({ ...below, ...from });
    const page = await client.send(command, { abortSignal: signal });
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key && UploadId) yield { name: Key, id: UploadId, begunAtMs: Initiated?.getTime() ?? null };
    }
    if (!page.IsTruncated || !page.NextKeyMarker) return;
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    from = { KeyMarker, ...(UploadIdMarker && { UploadIdMarker }) };
  }
}

/** The parts that the storage has of an upload. Throws what the client throws. */
export async function* partsThere(
  client: S3Client,
  bucket: string,
  { name, id }: Pick<BegunUpload, 'name' | 'id'>,
  signal: AbortSignal,
): AsyncGenerator<Part, void, undefined> {
  const target = { Bucket: bucket, Key: name, UploadId: id };
  for await (const { Parts = [] } of paginateListParts({ client }, target)) {
    signal.throwIfAborted();
    yield* Parts;
  }
}

/** Throws what the client throws. */
export async function callOffUpload(
  client: S3Client,
  bucket: string,
  { name, id }: Pick<BegunUpload, 'name' | 'id'>,
): Promise<void> {
  await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: name, UploadId: id }));
}
