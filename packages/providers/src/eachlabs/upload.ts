import type { CallContext, UploadFile, UploadResult } from '@localize/core';
import { eachlabsFacts } from '../catalogue/eachlabs.js';
import { sendFile } from '../http/send-file.js';
import { sendJson } from '../http/send-json.js';
import { notAnAddress, storageStep, toSignedAddress, uploadStep } from '../verbs/upload-result.js';
import { httpFailure } from './failure.js';
import { presignSchema } from './wire.js';

const FILE_TYPES: ReadonlySet<string> = new Set(['image', 'video', 'audio']);

/** Two steps [doc storage]: a signed address, which is valid for 15 minutes, then the bytes with exactly the headers that were signed. */
export function upload(file: UploadFile, context: CallContext): Promise<UploadResult> {
  return toSignedAddress(() => uploadOnce(file, context), context.signal);
}

async function uploadOnce(file: UploadFile, context: CallContext): Promise<UploadResult> {
  const category = file.contentType.split('/')[0] ?? '';
  const body = { content_type: file.contentType, file_type: FILE_TYPES.has(category) ? category : 'other' };
  const presigned = uploadStep(
    await sendJson(context, { method: 'POST', host: 'base_url', path: '/upload/presign', body }),
    httpFailure,
  );
  if ('failed' in presigned) return presigned.failed;
  const target = presignSchema.safeParse(presigned.reply.json).data;
  if (target === undefined) return notAnAddress();
  const required = target.required_headers ?? {};
  // Signed as they are spelt, and a name that went out twice would be another request than was signed.
  const isTyped = Object.keys(required).some((name) => name.toLowerCase() === 'content-type');
  const headers = { ...(!isTyped && { 'content-type': file.contentType }), ...required };
  const part = { file, start: 0, end: file.bytes };
  const stored = storageStep(await sendFile(context, { url: target.presigned_url, headers }, part));
  if ('failed' in stored) return stored.failed;
  // `expires_at` is the end of the signed address, not of the file.
  const keptMs = eachlabsFacts.upload?.keptMs ?? null;
  return { outcome: 'uploaded', url: target.public_url, keptMs };
}
