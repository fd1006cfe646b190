import { type Failure, type FailureKind, parseRetryAfter } from '@localize/core';
import type { Reply } from './exchange.js';

/** What a provider's own error body says. */
export interface ErrorWords {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  /** Set where the body says more than the status does. */
  readonly kind?: FailureKind | undefined;
  readonly retryable?: boolean | undefined;
}

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  400: 'invalid-input',
  401: 'auth',
  402: 'payment',
  403: 'auth',
  404: 'invalid-input',
  413: 'invalid-input',
  415: 'invalid-input',
  422: 'invalid-input',
  429: 'rate-limit',
};

/** What an HTTP status means where the body says no more; an unlisted one is the provider's own trouble. */
export function kindOfStatus(status: number): FailureKind {
  return KIND_OF_STATUS[status] ?? 'provider';
}

/** A reply that is not what was hoped for, as data. The provider's words go in redacted. */
export function replyFailure(reply: Reply, words: ErrorWords = {}): Failure {
  return {
    kind: words.kind ?? kindOfStatus(reply.status),
    message: reply.redact(words.message || bodyWords(reply)),
    code: words.code === undefined ? undefined : reply.redact(words.code, 100),
    httpStatus: reply.status,
    retryAfterMs: parseRetryAfter(reply.headers['retry-after'], Date.now()),
    retryable: words.retryable,
  };
}

function bodyWords(reply: Reply): string {
  const text = reply.text.trim();
  if (text === '' || text === '{}') return `HTTP ${reply.status} without an explanation`;
  if (text.startsWith('<')) return `HTTP ${reply.status} with an HTML page`;
  return `HTTP ${reply.status}: ${text.slice(0, 300)}`;
}
