import { type Failure, type Micros, plainText, type QuoteResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';
import { readUsd } from '../reading/usd.js';

/** A price list that gave no usable answer. */
export function unquoted(exchange: Exchange, failure: (reply: Reply) => Failure): QuoteResult {
  return { state: 'unanswered', failure: exchange.arrived ? failure(exchange) : exchange.failure };
}

/** A price list that says something else than a price. */
export function noPrice(message: string): QuoteResult {
  return { state: 'unanswered', failure: { kind: 'provider', message } };
}

/** A price list whose reply is read, or not: one that is no JSON, such as the HTML page of a proxy, says no price. */
export function saysPrices(exchange: Exchange): exchange is Reply {
  return exchange.arrived && exchange.status === 200 && exchange.json !== undefined;
}

/** An amount that is more than nothing, and nothing in micro-dollars; `null`: it is none such. */
export function tinyPrice(stated: unknown): QuoteResult | null {
  if (readUsd(stated) !== 0 || Number(stated) === 0) return null;
  return noPrice(`the price list states $${plainText(String(stated), 40)}, and less than $0.000001 cannot be compared`);
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
