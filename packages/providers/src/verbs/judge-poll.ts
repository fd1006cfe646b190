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

/**
 * A reply that names a prediction other than the one that was asked for, as a mixed-up cache may serve it: that says
 * nothing of ours, so it is asked for again. `null` where it names ours, or none.
 * @param named under whatever names the provider tells it
 */
export function ofAnother(asked: string, reply: Reply, ...named: (string | undefined)[]): Failure | null {
  const [other] = named.filter((id) => id !== undefined);
  if (other === undefined || named.some((id) => id?.toLowerCase() === asked.toLowerCase())) return null;
  const message = `a reply about another prediction than was asked for (${reply.redact(other, 60)})`;
  return { kind: 'provider', httpStatus: reply.status, message };
}

/** A poll from which nothing is learned: it is asked again. */
export function unanswered(failure: Failure): { readonly answered: false; readonly result: StatusResult } {
  return { answered: false, result: { state: 'unanswered', failure } };
}
