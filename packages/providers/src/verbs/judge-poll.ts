import type { Failure, StatusResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';
import { asObject } from '../reading/fields.js';

/** A poll that says something about the prediction, or what its silence means. */
export type Poll =
  | { readonly answered: true; readonly body: Readonly<Record<string, unknown>>; readonly reply: Reply }
  | { readonly answered: false; readonly result: StatusResult };

/** Only a successful JSON object is an answer, and only a 404 says that there is no such prediction. */
export function judgePoll(exchange: Exchange, failure: (reply: Reply) => Failure): Poll {
  if (!exchange.arrived) return unanswered(exchange.failure);
  if (exchange.status === 404) return { answered: false, result: { state: 'vanished', failure: failure(exchange) } };
  if (exchange.status < 200 || exchange.status > 299) return unanswered(failure(exchange));
  const body = asObject(exchange.json);
  return body === null ? unanswered(meaningless(exchange, failure)) : { answered: true, body, reply: exchange };
}

/** For a body that lacks what every answer has. */
export function meaningless(reply: Reply, failure: (reply: Reply) => Failure): Failure {
  const { message } = failure(reply);
  return {
    kind: 'provider',
    httpStatus: reply.status,
    message: `a reply that says nothing of the prediction (${message})`,
  };
}

export function unanswered(failure: Failure): { readonly answered: false; readonly result: StatusResult } {
  return { answered: false, result: { state: 'unanswered', failure } };
}
