import type { Failure, FailureKind } from '@localize/core';
import type { z } from 'zod';
import type { Reply } from '../http/exchange.js';
import type { Redact } from '../http/redact.js';
import { replyFailure } from '../http/reply-failure.js';
import { asArray, asObject } from '../reading/fields.js';
import { soundsLikeModeration } from '../verbs/moderation.js';
import { errorEnvelopeSchema, errorSchema, type predictionSchema } from './wire.js';

/** An HTTP error. Some have the body `{}`, so the status decides and the body only explains [page eachlabs, doc models.json]. */
export function httpFailure(reply: Reply): Failure {
  const parsed = errorSchema.safeParse(reply.json);
  if (!parsed.success) return replyFailure(reply);
  const { message, error, details } = parsed.data;
  const words = [message, textOf(error), textOf(details)].filter((word) => word !== undefined && word !== '');
  const text = words.join(': ');
  const rejected = (reply.status === 400 || reply.status === 422) && soundsLikeModeration(text);
  return replyFailure(reply, { message: text, kind: rejected ? 'rejected-content' : undefined });
}

/** Why a prediction failed: the envelope in `output` [doc errors], else `message` and `details` [page eachlabs], else logs. */
export function predictionFailure(prediction: z.infer<typeof predictionSchema>, redact: Redact): Failure {
  const envelope = errorEnvelopeSchema.safeParse(asArray(prediction.output)[0] ?? prediction.output).data ?? {};
  const plain = [textOf(prediction.message), textOf(prediction.details)].filter((word) => word).join(': ');
  const text = [envelope.error_message, envelope.error, plain, textOf(prediction.error), textOf(prediction.logs)].find(
    (word) => word !== undefined && word !== '',
  );
  const code = envelope.error_code ?? envelope.classification?.class ?? envelope.classification?.category;
  return {
    kind: kindOf([envelope.error_code, envelope.classification?.class, envelope.classification?.category], text),
    message: text === undefined ? 'failed without an explanation' : redact(text),
    code: code === undefined ? undefined : redact(code, 100),
    retryable: envelope.retryable,
  };
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  CONTENT_MODERATION: 'rejected-content',
  VALIDATION: 'invalid-input',
  INVALID_USER_INPUT: 'invalid-input',
};

function kindOf(codes: readonly (string | undefined)[], text: string | undefined): FailureKind {
  if (soundsLikeModeration(text)) return 'rejected-content';
  for (const code of codes) {
    const kind = code === undefined ? undefined : KINDS[code.toUpperCase()];
    if (kind !== undefined) return kind;
  }
  return 'provider';
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const object = asObject(value);
  if (typeof object?.message === 'string') return object.message;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
