import type { Failure } from '@localize/core';
import type { Reply } from '../http/exchange.js';
import type { Redact } from '../http/redact.js';
import { replyFailure } from '../http/reply-failure.js';
import { asObject } from '../reading/fields.js';
import { soundsLikeModeration } from '../verbs/moderation.js';
import { errorSchema } from './wire.js';

/** An HTTP error. The page shows none, so every usual body is read and the status decides [assumed]. */
export function httpFailure(reply: Reply): Failure {
  const parsed = errorSchema.safeParse(reply.json);
  if (!parsed.success) return replyFailure(reply);
  const { error, message, detail, code } = parsed.data;
  const words = [error, asObject(error)?.message, message, detail].find((word) => typeof word === 'string');
  const rejected = (reply.status === 400 || reply.status === 422) && soundsLikeModeration(words);
  return replyFailure(reply, { message: words, code, kind: rejected ? 'rejected-content' : undefined });
}

/** A failed prediction's `error` text is the only clue to its cause [page vibedream]. */
export function predictionFailure(error: unknown, redact: Redact): Failure {
  const text = typeof error === 'string' ? error : asObject(error)?.message;
  const message = typeof text === 'string' && text !== '' ? redact(text) : 'failed without an explanation';
  return { kind: soundsLikeModeration(message) ? 'rejected-content' : 'provider', message };
}
