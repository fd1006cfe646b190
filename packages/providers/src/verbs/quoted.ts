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

/** A price in `currency`; a list that names none counts in US dollars, as all of a provider's other amounts [assumed]. */
export function quoted(
  micros: Micros,
  of: 'job' | 'minimum' | 'second',
  currency: string | null | undefined,
): QuoteResult {
  const named = currency?.trim() ?? '';
  if (named !== '' && named.toUpperCase() !== 'USD') {
    return noPrice(`the price list counts in ${named}, which cannot be compared with US dollars`);
  }
  return { state: 'quoted', micros, of };
}
