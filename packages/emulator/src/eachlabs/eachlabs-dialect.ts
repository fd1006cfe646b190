import { authorization } from '../http/account.js';
import type { Reply } from '../http/reply.js';
import type { Dialect } from '../predict/create-route.js';

/** `{status:"error", message, details}` with these meanings [page eachlabs]; 402, 403 and 422 [doc errors]. Texts are assumed. */
const MESSAGES: Readonly<Record<number, readonly [string, string]>> = {
  400: ['Invalid input', 'The request is not valid'],
  401: ['Unauthorized', 'Missing / invalid X-API-Key'],
  402: ['Payment required', 'insufficient balance'],
  403: ['Forbidden', 'forbidden'],
  404: ['Not found', 'Unknown model or prediction id'],
  413: ['Payload too large', 'The request body is too large'],
  422: ['Unprocessable entity', 'The request body could not be processed'],
  429: ['Rate limit exceeded', '100 creates / min, 10 concurrent per key'],
};

/** For the statuses that no page words: what is the client's own doing is not to be tried again. */
const MISTAKE = ['Bad request', 'The request is not valid'] as const;
const OUTAGE = ['Internal error', 'Retry with backoff'] as const;

function refuse(status: number, details?: string): Reply {
  const [message, usual] = MESSAGES[status] ?? (status < 500 ? MISTAKE : OUTAGE);
  return { status, body: { status: 'error', message, details: details ?? usual } };
}

/** Eachlabs: `X-API-Key` [page eachlabs] or, in its later documents, `Authorization: Bearer` [doc authentication]. */
export const eachlabsDialect: Dialect = {
  provider: 'eachlabs',
  key: (http) => http.req.header('x-api-key') ?? authorization(http, 'Bearer'),
  refuse,
  limited: (kind) =>
    refuse(429, kind === 'window' ? 'Rate limit of creates per minute exceeded' : 'Too many concurrent predictions'),
  // `X-Request-Id` is echoed [doc models.json, video API].
  headers(http) {
    const id = http.req.header('x-request-id');
    return id === undefined ? {} : { 'x-request-id': id };
  },
};
