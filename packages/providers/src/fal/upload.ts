import type { CallContext, UploadFile, UploadResult } from '@localize/core';
import { MEGABYTE } from '../catalogue/units.js';
import { retried } from '../http/retried.js';
import { sendFile, sendUnsigned } from '../http/send-file.js';
import { sendJson } from '../http/send-json.js';
import { notAnAddress, storageStep, toSignedAddress, uploadStep } from '../verbs/upload-result.js';
import { httpFailure } from './failure.js';
import { initiatedSchema, partSchema } from './wire.js';

/** The size above which the official client uploads in parts, and the size of a part [client source falclient storage.js]. */
const IN_ONE_PIECE_BYTES = 90 * MEGABYTE;
const PART_BYTES = 10 * 1024 * 1024;

/** The official Python client has ten parts under way at once [client source falpy]; each is streamed here. */
const PARTS_AT_ONCE = 4;

/** A part that breaks off is sent again so often; the parts before it stay where they are. */
const TRIES_A_PART = 4;

const STORAGE = { storage_type: 'fal-cdn-v3' } as const;

/** An address from fal, then the bytes without our key, in parts when there are many [client source falclient storage.js]. */
export function upload(file: UploadFile, context: CallContext): Promise<UploadResult> {
  return toSignedAddress(() => uploadOnce(file, context), context.signal);
}

async function uploadOnce(file: UploadFile, context: CallContext): Promise<UploadResult> {
  const inParts = file.bytes > IN_ONE_PIECE_BYTES;
  const path = `/storage/upload/initiate${inParts ? '-multipart' : ''}`;
  const body = { content_type: file.contentType, file_name: file.name };
  const initiated = uploadStep(
    await sendJson(context, { method: 'POST', host: 'upload_url', path, query: STORAGE, body }),
    httpFailure,
  );
  if ('failed' in initiated) return initiated.failed;
  const target = initiatedSchema.safeParse(initiated.reply.json).data;
  if (target === undefined) return notAnAddress();
  const failure = inParts
    ? await sendParts(file, target.upload_url, context)
    : await sendWhole(file, target.upload_url, context);
  // How long it is kept is a setting of the account.
  return failure ?? { outcome: 'uploaded', url: target.file_url, keptMs: null };
}

async function sendWhole(file: UploadFile, url: string, context: CallContext): Promise<UploadResult | null> {
  const part = { file, start: 0, end: file.bytes };
  const stored = storageStep(await sendFile(context, { url, headers: contentType(file) }, part));
  return 'failed' in stored ? stored.failed : null;
}

async function sendParts(file: UploadFile, url: string, context: CallContext): Promise<UploadResult | null> {
  const count = Math.ceil(file.bytes / PART_BYTES);
  const onProgress = progressOfParts(file);
  const parts: { partNumber: number; etag: string }[] = [];
  let failed: UploadResult | null = null;

  async function sendPart(number: number): Promise<void> {
    const start = (number - 1) * PART_BYTES;
    const sender = { ...file, onProgress: (sent: number) => onProgress(number, sent - start) };
    const part = { file: sender, start, end: Math.min(start + PART_BYTES, file.bytes) };
    const target = { url: below(url, String(number)), headers: contentType(file) };
    const stored = storageStep(await retried(() => sendFile(context, target, part), TRIES_A_PART, context.signal));
    if ('failed' in stored) {
      failed ??= stored.failed;
      return;
    }
    const { partNumber = number, etag } = partSchema.safeParse(stored.reply.json).data ?? {};
    parts[number - 1] = { partNumber, etag: etag ?? stored.reply.headers.etag ?? '' };
  }

  let begun = 0;
  const sendAll = async () => {
    while (begun < count && failed === null) {
      begun += 1;
      await sendPart(begun);
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, sendAll));
  if (failed !== null) return failed;
  const complete = () => sendUnsigned(context, below(url, 'complete'), { parts });
  const completed = storageStep(await retried(complete, TRIES_A_PART, context.signal));
  return 'failed' in completed ? completed.failed : null;
}

/** Told how much of a part has gone, tells of the whole file. */
function progressOfParts(file: UploadFile): (part: number, bytes: number) => void {
  const sent: number[] = [];
  let total = 0;
  return (part, bytes) => {
    total += bytes - (sent[part] ?? 0);
    sent[part] = bytes;
    file.onProgress?.(total);
  };
}

function contentType(file: UploadFile): Record<string, string> {
  return { 'content-type': file.contentType };
}

/** The signed address with one more segment: its query stays as it is. */
function below(url: string, name: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}/${name}${search}`;
}
