import type { Failure, FailureKind } from '@localize/core';
import type { Reply } from '../http/exchange.js';
import type { Redact } from '../http/redact.js';
import { kindOfStatus, replyFailure } from '../http/reply-failure.js';
import { asArray, asObject } from '../reading/fields.js';
import { soundsLikeEmptyAccount, soundsLikeModeration } from '../verbs/moderation.js';
import { errorSchema, modelErrorSchema } from './wire.js';

/** Types of errors that say more than their HTTP status [doc errors, request-errors]. */
const KIND_OF_TYPE: Readonly<Record<string, FailureKind>> = {
  content_policy_violation: 'rejected-content',
  internal_server_error: 'provider',
  generation_timeout: 'provider',
  downstream_service_error: 'provider',
  downstream_service_unavailable: 'provider',
  no_media_generated: 'provider',
};

/** An HTTP error of the queue, or the replayed one of the model: three shapes of body [doc errors]. */
export function httpFailure(reply: Reply): Failure {
  const body = errorSchema.safeParse(reply.json).data;
  const modelErrors = asArray(body?.detail).flatMap((item) => modelErrorSchema.safeParse(item).data ?? []);
  const type = modelErrors[0]?.type ?? body?.error_type ?? reply.headers['x-fal-error-type'];
  const words = modelErrors.length > 0 ? modelErrors.map(modelErrorText).join('; ') : plainText(body);
  return replyFailure(reply, {
    message: words,
    code: type,
    kind: kindOf(reply.status, type, words),
    retryable: retryable(reply),
  });
}

/** A COMPLETED request whose status carries an `error` [client source falclient common.d.ts]. */
export function statusFailure(error: unknown, type: string | undefined, redact: Redact): Failure {
  const text = typeof error === 'string' && error !== '' ? error : (type ?? 'failed without an explanation');
  const rejected = soundsLikeModeration(text);
  const known = type === undefined ? undefined : KIND_OF_TYPE[type];
  const kind = known ?? (rejected ? 'rejected-content' : statusKind(text));
  return { kind, message: redact(text), code: type === undefined ? undefined : redact(type, 100) };
}

/** Some texts name the model's own status ("Invalid status code: 422") [doc webhooks]. */
function statusKind(text: string): FailureKind {
  const status = /status code:? (4\d\d)/i.exec(text)?.[1];
  return status === '400' || status === '422' ? 'invalid-input' : 'provider';
}

function kindOf(status: number, type: string | undefined, words: string | undefined): FailureKind {
  const known = type === undefined ? undefined : KIND_OF_TYPE[type];
  if (known !== undefined) return known;
  // 403 "User is locked. Reason: Exhausted balance" [issues fal-ai/fal #1147].
  if (status === 403 && (soundsLikeEmptyAccount(words) || /user is locked/i.test(words ?? ''))) return 'payment';
  if ((status === 400 || status === 422) && soundsLikeModeration(words)) return 'rejected-content';
  return kindOfStatus(status);
}

function modelErrorText(error: { msg?: string | undefined; type?: string | undefined; loc?: unknown }): string {
  const place = asArray(error.loc)
    .filter((part) => part !== 'body')
    .join('.');
  const words = error.msg ?? error.type ?? 'invalid';
  return place === '' ? words : `${place}: ${words}`;
}

function plainText(body: { detail?: unknown; message?: string | undefined; error?: unknown } | undefined) {
  const nested = asObject(body?.error)?.message;
  return [body?.detail, body?.message, nested, body?.error].find((word) => typeof word === 'string') as
    | string
    | undefined;
}

function retryable(reply: Reply): boolean | undefined {
  const header = reply.headers['x-fal-retryable'];
  return header === 'true' ? true : header === 'false' ? false : undefined;
}
