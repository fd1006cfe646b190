import { authorization } from '../http/account.js';
import type { Reply } from '../http/reply.js';
import type { Dialect } from '../predict/create-route.js';

/** Texts are assumed; the codes' meanings are WaveSpeed's [doc troubleshooting-guide]. */
const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Invalid request parameters',
  401: 'Invalid API key',
  // How an empty balance is reported is not documented; this text is assumed.
  402: 'Insufficient credits. Please top up.',
  403: 'Permission denied',
  404: 'Not found',
  413: 'The request body is too large',
  422: 'Unprocessable entity',
  429: 'Too many requests, please try again later',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

/** A refusal in the envelope `{code, message}` [page wavespeed]; 403 is `{message, error_code}` [client source wscli]. */
function refuse(status: number, message?: string): Reply {
  const text = message ?? MESSAGES[status] ?? 'Error';
  if (status === 403) return { status, body: { message: text, error_code: 'PERMISSION_DENIED' } };
  return { status, body: { code: status, message: text } };
}

/** A success in the envelope of every WaveSpeed reply [page wavespeed]. */
export function envelope(data: unknown): Reply {
  return { status: 200, body: { code: 200, message: 'success', data } };
}

export const wavespeedDialect: Dialect = {
  provider: 'wavespeed',
  key: (http) => authorization(http, 'Bearer'),
  refuse,
  limited: () => refuse(429),
};
