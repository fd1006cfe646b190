import { authorization } from '../http/account.js';
import type { Dialect } from '../predict/create-route.js';

/** The page shows no error body; `{error}` is assumed after the `error` of a failed prediction. */
const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Invalid request',
  401: 'Invalid or missing API key',
  402: 'Insufficient credits',
  403: 'Forbidden',
  404: 'Not found',
  413: 'The request body is too large',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

/** VibeDream's way to refuse: all [assumed], save the `Authorization: Bearer` header [page vibedream]. */
export const vibedreamDialect: Dialect = {
  provider: 'vibedream',
  key: (http) => authorization(http, 'Bearer'),
  refuse: (status, message) => ({ status, body: { error: message ?? MESSAGES[status] ?? 'Error' } }),
  limited: (kind) => ({
    status: 429,
    body: { error: kind === 'window' ? 'Too many requests' : 'Too many concurrent generations' },
  }),
};
