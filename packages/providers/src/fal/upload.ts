import type { CallContext, UploadFile, UploadResult } from '@localize/core';
import { MEGABYTE } from '../catalogue/units.js';
import { retried } from '../http/retried.js';
import { sendFile, sendUnsigned } from '../http/send-file.js';
import { sendJson } from '../http/send-json.js';
import { notAnAddress, storageStep, uploadStep } from '../verbs/upload-result.js';
import { httpFailure } from './failure.js';
import { initiatedSchema, partSchema } from './wire.js';

/** The size above which the official client uploads in parts, and the size of a part [client storage.js]. */
const IN_ONE_PIECE_BYTES = 90 * MEGABYTE;
const PART_BYTES = 10 * 1024 * 1024;

/** A part that breaks off is sent again so often; the parts before it stay where they are. */
const TRIES_A_PART = 4;

const STORAGE = { storage_type: 'fal-cdn-v3' } as const;

/** An address from fal, then the bytes without our key, in parts when there are many [client storage.js]. */
export async function upload(file: UploadFile, context: CallContext): Promise<UploadResult> {
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
  const parts: { partNumber: number; etag: string }[] = [];
  for (let start = 0; start < file.bytes; start += PART_BYTES) {
    const part = { file, start, end: Math.min(start + PART_BYTES, file.bytes) };
    const number = parts.length + 1;
    const target = { url: below(url, String(number)), headers: contentType(file) };
    const stored = storageStep(await retried(() => sendFile(context, target, part), TRIES_A_PART, context.signal));
    if ('failed' in stored) return stored.failed;
    const { partNumber = number, etag } = partSchema.safeParse(stored.reply.json).data ?? {};
    parts.push({ partNumber, etag: etag ?? stored.reply.headers.etag ?? '' });
  }
  const complete = () => sendUnsigned(context, below(url, 'complete'), { parts });
  const completed = storageStep(await retried(complete, TRIES_A_PART, context.signal));
  return 'failed' in completed ? completed.failed : null;
}

function contentType(file: UploadFile): Record<string, string> {
  return { 'content-type': file.contentType };
}

/** The signed address with one more segment: its query stays as it is. */
function below(url: string, name: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}/${name}${search}`;
}
