import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type Part,
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
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    const isBehind = KeyMarker !== from.KeyMarker || UploadIdMarker !== from.UploadIdMarker;
    if (!page.IsTruncated || !KeyMarker || !isBehind) return;
    from = { KeyMarker, ...(UploadIdMarker && { UploadIdMarker }) };
  }
}

/**
 * The parts that the storage has of an upload. Some storages name a next part after the last page too (Swift names `0`),
 * for which the client's own paginator begins again and never ends; so a page is followed only by one that lies behind it.
 * Throws what the client throws.
 */
export async function* partsThere(
  client: S3Client,
  bucket: string,
  { name, id }: Pick<BegunUpload, 'name' | 'id'>,
  signal: AbortSignal,
): AsyncGenerator<Part, void, undefined> {
  const target = { Bucket: bucket, Key: name, UploadId: id };
  let last = 0;
  for (;;) {
    const command = new ListPartsCommand({ ...target, ...(last > 0 && { PartNumberMarker: String(last) }) });
    const page = await client.send(command, { abortSignal: signal });
    yield* page.Parts ?? [];
    const next = Number(page.NextPartNumberMarker);
    if (!page.IsTruncated || !(next > last)) return;
    last = next;
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
