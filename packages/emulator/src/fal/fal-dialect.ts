import { authorization } from '../http/account.js';
import type { Reply } from '../http/reply.js';
import type { Dialect } from '../predict/create-route.js';

/** The endpoint [page fal], and its root, which every path but the submit uses [doc queue]. */
export const FAL_ENDPOINT = 'fal-ai/infinitalk/video-to-video';
export const FAL_APP = 'fal-ai/infinitalk';

/** Texts and error types of platform errors [doc request-errors]; where none is documented they are assumed. */
const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['Bad request', 'bad_request'],
  401: ['Authentication is required to access this application', 'unauthorized'],
  402: ['Payment required', 'payment_required'],
  403: ['User is locked. Reason: Exhausted balance.', 'forbidden'],
  404: ['Not found', 'not_found'],
  413: ['The request body is too large', 'bad_request'],
  422: ['Invalid input', 'invalid_input'],
  429: ['Too many requests', 'concurrent_requests_limit'],
  500: ['Internal server error', 'internal_error'],
  502: ['Runner returned an incomplete response', 'runner_incomplete_response'],
  503: ['Could not schedule the request', 'runner_scheduling_failure'],
  504: ['Request timed out', 'request_timeout'],
};

/** A platform error: `{detail, error_type}` and `X-Fal-Error-Type` [doc request-errors]. */
export function platformError(status: number, detail?: string, errorType?: string): Reply {
  const [usualDetail, usualType] = ERRORS[status] ?? ['Error', 'error'];
  const type = errorType ?? usualType;
  return {
    status,
    body: { detail: detail ?? usualDetail, error_type: type },
    headers: { 'x-fal-error-type': type },
  };
}

/** fal: `Authorization: Key`, and the id of the request in `x-fal-request-id` [client source falclient]. */
export const falDialect: Dialect = {
  provider: 'fal',
  key: (http) => authorization(http, 'Key'),
  refuse: (status, message) => platformError(status, message),
  limited: () => platformError(429),
  headers: (_http, prediction) => (prediction === undefined ? {} : { 'x-fal-request-id': prediction.id }),
};
