import type { CallContext, Candidate, FindQuery, FindResult, JsonObject } from '@localize/core';
import { sendJson } from '../http/send-json.js';
import {
  askedOf,
  type FindWindow,
  instantText,
  isWanted,
  listed,
  MOST_PAGES,
  notAList,
  readPage,
  TOO_LONG,
  timeOf,
  windowOf,
} from '../verbs/find-window.js';
import { referenceTo } from '../verbs/judge-create.js';
import { compareInputs } from '../verbs/same-inputs.js';
import { httpFailure } from './failure.js';
import { createBody, ENDPOINT, listItemSchema, listSchema } from './wire.js';

const PAGE_SIZE = 100;

/**
 * The platform's listing of the endpoint, with the inputs [doc platform API]. It is sorted by the end of each request
 * and so may filter by it too: no `end` is asked for, and the time of sending is compared here.
 */
export async function find(query: FindQuery, context: CallContext): Promise<FindResult> {
  const sent = createBody(query.request);
  if (sent === null) return listed([]);
  const candidates: Candidate[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read = readPage(await askPage(askedOf(query), cursor, context), httpFailure);
    if ('unanswered' in read) return read.unanswered;
    const list = listSchema.safeParse(read.json).data;
    if (list === undefined) return notAList();
    candidates.push(...list.items.flatMap((item) => readItem(item, sent, query, read.aheadMs)));
    if (!list.next_cursor) return listed(candidates);
    cursor = list.next_cursor;
  }
  return TOO_LONG;
}

function askPage(window: FindWindow, cursor: string | undefined, context: CallContext) {
  const query = {
    endpoint_id: ENDPOINT,
    start: instantText(window.fromMs),
    expand: 'payloads',
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { cursor }),
  };
  return sendJson(context, { method: 'GET', host: 'platform_url', path: '/models/requests/by-endpoint', query });
}

function readItem(item: unknown, sent: JsonObject, query: FindQuery, aheadMs: number): Candidate[] {
  const request = listItemSchema.safeParse(item).data;
  if (request?.request_id === undefined) return [];
  const { isOther, ...time } = timeOf(request.sent_at, windowOf(query), aheadMs);
  const inputs = compareInputs(sent, request.json_input);
  const { request_id: id } = request;
  if (!isWanted(query, { predictionId: id, inputs, isOther })) return [];
  const ended = request.status_code === undefined ? 'open' : `ended with ${request.status_code}`;
  return [{ predictionId: id, reference: referenceTo(id), ...time, inputs, status: ended }];
}
