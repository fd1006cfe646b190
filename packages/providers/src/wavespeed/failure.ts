import type { Failure, FailureKind } from '@localize/core';
import type { z } from 'zod';
import type { Reply } from '../http/exchange.js';
import type { Redact } from '../http/redact.js';
import { kindOfStatus, replyFailure } from '../http/reply-failure.js';
import { asArray, asObject } from '../reading/fields.js';
import { soundsLikeEmptyAccount, soundsLikeModeration } from '../verbs/moderation.js';
import { envelopeSchema, type predictionSchema } from './wire.js';

/** `code` of a prediction [doc error-codes]. 1402 is a media URL that could not be reached. */
const KIND_OF_CODE: Readonly<Record<number, FailureKind>> = {
  1200: 'rejected-content',
  1400: 'invalid-input',
  1401: 'invalid-input',
  1402: 'invalid-input',
};

/** Envelope codes of their own that refuse a request [doc error-codes]; the rest of them tell of a task that existed. */
export function isRefusalCode(code: number | undefined): boolean {
  return code !== undefined && Object.hasOwn(KIND_OF_CODE, code);
}

/** An HTTP error, or an envelope inside a success whose code is no 200: then the code stands for the status. */
export function httpFailure(reply: Reply): Failure {
  const envelope = envelopeSchema.safeParse(reply.json).data;
  const message = envelope?.message ?? textOf(asObject(reply.json)?.error);
  const inside = reply.status >= 200 && reply.status < 300 ? envelope?.code : undefined;
  const status = inside !== undefined && inside >= 100 && inside < 600 ? inside : reply.status;
  const code = envelope?.code ?? asObject(reply.json)?.error_code;
  return {
    ...replyFailure(reply, { message, code: code === undefined ? undefined : String(code) }),
    kind: kindOf(status, envelope?.code, message),
    httpStatus: status,
  };
}

/** How an empty account is reported is not documented: a 400 whose words say so [assumed]. */
function kindOf(status: number, code: number | undefined, message: string | undefined): FailureKind {
  if (code !== undefined && KIND_OF_CODE[code] !== undefined) return KIND_OF_CODE[code];
  if ((status === 400 || status === 403) && soundsLikeEmptyAccount(message)) return 'payment';
  if (status === 400 && soundsLikeModeration(message)) return 'rejected-content';
  return kindOfStatus(status);
}

/** Why a prediction failed [page wavespeed, wavespeed multi: `error`; doc error-codes: `code`]. */
export function predictionFailure(prediction: z.infer<typeof predictionSchema>, redact: Redact): Failure {
  const { code } = prediction;
  const text = textOf(prediction.error);
  const flagged = asArray(prediction.has_nsfw_contents).includes(true);
  const known = code === undefined ? undefined : KIND_OF_CODE[code];
  return {
    kind: known ?? (flagged || soundsLikeModeration(text) ? 'rejected-content' : 'provider'),
    message: text ? redact(text) : `${prediction.status?.word ?? 'failed'} without an explanation`,
    code: code === undefined ? prediction.status?.word : String(code),
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  const message = asObject(value)?.message;
  return typeof message === 'string' ? message : undefined;
}
