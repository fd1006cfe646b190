import type { Failure, Micros, QuoteResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';

/** A price list that gave no usable answer. */
export function unquoted(exchange: Exchange, failure: (reply: Reply) => Failure): QuoteResult {
  return { state: 'unanswered', failure: exchange.arrived ? failure(exchange) : exchange.failure };
}

/** A price list that says something else than a price. */
export function noPrice(message: string): QuoteResult {
  return { state: 'unanswered', failure: { kind: 'provider', message } };
}

export function quoted(micros: Micros, of: 'job' | 'minimum' | 'second'): QuoteResult {
  return { state: 'quoted', micros, of };
}
