import type { CallContext, UploadFile, UploadResult } from '@localize/core';
import { wavespeedFacts } from '../catalogue/wavespeed.js';
import { sendFile } from '../http/send-file.js';
import { sendJson } from '../http/send-json.js';
import { notAnAddress, storageStep, toSignedAddress, uploadFailed, uploadStep } from '../verbs/upload-result.js';
import { httpFailure } from './failure.js';
import { envelopeSchema, uploadSchema } from './wire.js';

/** Two steps, as the current official clients do it [client source wsjs]: a signed address, then the bytes with its headers. */
export function upload(file: UploadFile, context: CallContext): Promise<UploadResult> {
  return toSignedAddress(() => uploadOnce(file, context), context.signal);
}

async function uploadOnce(file: UploadFile, context: CallContext): Promise<UploadResult> {
  const body = { filename: file.name, size: file.bytes, content_type: file.contentType };
  const asked = uploadStep(
    await sendJson(context, { method: 'POST', host: 'base_url', path: '/media/uploads', body }),
    httpFailure,
  );
  if ('failed' in asked) return asked.failed;
  const envelope = envelopeSchema.safeParse(asked.reply.json).data;
  const target = uploadSchema.safeParse(envelope?.data).data;
  if (target === undefined) {
    const refused = envelope?.code !== undefined && envelope.code !== 200;
    return refused ? uploadFailed(httpFailure(asked.reply)) : notAnAddress();
  }
  const { url, headers } = target.upload;
  const part = { file, start: 0, end: file.bytes };
  const stored = storageStep(await sendFile(context, { url, headers: headers ?? {} }, part));
  if ('failed' in stored) return stored.failed;
  const keptMs = wavespeedFacts.upload?.keptMs ?? null;
  return { outcome: 'uploaded', url: target.download_url, keptMs };
}
