import type { CallContext, JsonObject, QuoteQuery, QuoteResult } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import { readUsd } from '../reading/usd.js';
import { noPrice, quoted, saysPrices, tinyPrice, unquoted } from '../verbs/quoted.js';
import { presentFields } from '../verbs/request-fields.js';
import { httpFailure } from './failure.js';
import { createBody, envelopeSchema, modelOf, priceSchema } from './wire.js';

/**
 * `POST /model/price` with the inputs of a create [client source wsmcp]. Without audio it answers with the floor price: what the
 * shortest job costs at these settings.
 */
export async function quote(query: QuoteQuery, context: CallContext): Promise<QuoteResult> {
  const body = { model_id: modelOf(query.route.id), inputs: inputsOf(query) };
  const exchange = await sendJson(context, { method: 'POST', host: 'base_url', path: '/model/price', body });
  if (!saysPrices(exchange)) return unquoted(exchange, httpFailure);
  const envelope = envelopeSchema.safeParse(exchange.json).data;
  if (envelope?.code !== undefined && envelope.code !== 200) return unquoted(exchange, httpFailure);
  const price = priceSchema.safeParse(envelope?.data).data;
  const discounted = readUsd(price?.discounted_price);
  const micros = discounted ?? readUsd(price?.price);
  if (micros === null) return noPrice('the reply to /model/price has no price');
  const stated = discounted === null ? price?.price : price?.discounted_price;
  return tinyPrice(stated) ?? quoted(micros, query.media === null ? 'minimum' : 'job', price?.currency);
}

function inputsOf({ route, input, media }: QuoteQuery): JsonObject {
  const settings = presentFields({ resolution: route.resolutions === null ? null : input.resolution });
  return media === null ? settings : (createBody({ route, input, media }) ?? settings);
}
