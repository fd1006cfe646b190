import type { CallContext, UploadFile, UploadResult } from '@localize/core';
import type { z } from 'zod';
import { wavespeedFacts } from '../catalogue/wavespeed.js';
import type { Exchange } from '../http/exchange.js';
import { sendFile } from '../http/send-file.js';
import { sendForm } from '../http/send-form.js';
import { sendJson } from '../http/send-json.js';
import { notAnAddress, storageStep, toSignedAddress, uploadFailed, uploadStep } from '../verbs/upload-result.js';
import { httpFailure } from './failure.js';
import { envelopeSchema, uploadedSchema, uploadSchema } from './wire.js';

/** Two steps, as the current official clients do it [client source wsjs]: a signed address, then the bytes with its headers. */
export function upload(file: UploadFile, context: CallContext): Promise<UploadResult> {
  return toSignedAddress(() => uploadOnce(file, context), context.signal);
}

async function uploadOnce(file: UploadFile, context: CallContext): Promise<UploadResult> {
  const body = { filename: file.name, size: file.bytes, content_type: file.contentType };
  const exchange = await sendJson(context, { method: 'POST', host: 'base_url', path: '/media/uploads', body });
  if (lacksStep(exchange)) return uploadAsForm(file, context);
  const target = targetOf(exchange, uploadSchema);
  if ('outcome' in target) return target;
  const { url, headers } = target.upload;
  const part = { file, start: 0, end: file.bytes };
  const stored = storageStep(await sendFile(context, { url, headers: headers ?? {} }, part));
  return 'failed' in stored ? stored.failed : uploaded(target.download_url);
}

const NOT_THERE: ReadonlySet<number> = new Set([404, 405]);

/** Whether a server has only what the pages document. */
function lacksStep(exchange: Exchange): boolean {
  if (!exchange.arrived) return false;
  const code = envelopeSchema.safeParse(exchange.json).data?.code;
  return NOT_THERE.has(exchange.status) || (code !== undefined && NOT_THERE.has(code));
}

/** In one step, as the page has it [doc upload-files-api]. */
async function uploadAsForm(file: UploadFile, context: CallContext): Promise<UploadResult> {
  const address = { host: 'base_url', path: '/media/upload/binary' };
  const target = targetOf(await sendForm(context, address, { field: 'file', file }), uploadedSchema);
  return 'outcome' in target ? target : uploaded(target.download_url);
}

/** What an envelope holds; or why the upload failed. */
function targetOf<T extends object>(exchange: Exchange, schema: z.ZodType<T>): T | UploadResult {
  const asked = uploadStep(exchange, httpFailure);
  if ('failed' in asked) return asked.failed;
  const envelope = envelopeSchema.safeParse(asked.reply.json).data;
  const target = schema.safeParse(envelope?.data).data;
  if (target !== undefined) return target;
  const refused = envelope?.code !== undefined && envelope.code !== 200;
  return refused ? uploadFailed(httpFailure(asked.reply)) : notAnAddress();
}

function uploaded(url: string): UploadResult {
  return { outcome: 'uploaded', url, keptMs: wavespeedFacts.upload?.keptMs ?? null };
}
