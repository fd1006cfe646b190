import { type CallContext, plainText, type QuoteQuery, type QuoteResult } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { readUsd } from '../reading/usd.js';
import { noPrice, quoted, saysPrices, tinyPrice, unquoted } from '../verbs/quoted.js';
import { httpFailure } from './failure.js';
import { ENDPOINT, priceSchema, pricesSchema } from './wire.js';

/** `GET /models/pricing` of the platform [doc platform API]: a price a unit, which says nothing of a single job. */
export async function quote(_query: QuoteQuery, context: CallContext): Promise<QuoteResult> {
  const query = { endpoint_id: ENDPOINT };
  const exchange = await sendJson(context, { method: 'GET', host: 'platform_url', path: '/models/pricing', query });
  if (!saysPrices(exchange)) return unquoted(exchange, httpFailure);
  const prices = pricesSchema.safeParse(exchange.json).data?.prices ?? [];
  const own = prices.map((each) => priceSchema.safeParse(each).data).find((each) => each?.endpoint_id === ENDPOINT);
  if (own === undefined) return noPrice('the price list does not name the endpoint');
  const micros = readUsd(own.unit_price);
  if (micros === null) {
    const stated = plainText(JSON.stringify(own.unit_price) ?? 'nothing', 40);
    return noPrice(`the price list states ${stated} for the endpoint, which is no amount of money`);
  }
  if (!/^(output )?seconds?$/i.test(own.unit ?? '')) {
    return noPrice(`the price list has a price a ${own.unit ?? 'unit'}, which cannot be compared with one a second`);
  }
  return tinyPrice(own.unit_price) ?? quoted(micros, 'second', own.currency);
}
