import {
  type CallContext,
  type Candidate,
  type FindQuery,
  type FindResult,
  type JsonObject,
  plainText,
} from '@localize/core';
import { sendJson } from '../http/send-json.js';
import {
  askedOf,
  type FindWindow,
  instantText,
  isLastPage,
  isPastTheEnd,
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
import { createBody, envelopeSchema, listItemSchema, listSchema, modelOf, PREDICTIONS_PATH } from './wire.js';

const PAGE_SIZE = 100;

/** The account's predictions of the model in the window, newest first [doc predictions-api]. */
export async function find(query: FindQuery, context: CallContext): Promise<FindResult> {
  const sent = createBody(query.request);
  if (sent === null) return listed([]);
  const model = modelOf(query.request.route.id);
  const candidates: Candidate[] = [];
  const seen = new Set<unknown>();
  let [size, before] = [PAGE_SIZE, 0];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const read = readPage(await askPage(model, askedOf(query), { page, size }, context), httpFailure);
    if ('unanswered' in read) {
      return isPastTheEnd(read.unanswered, before, PAGE_SIZE) ? listed(candidates) : read.unanswered;
    }
    const list = listSchema.safeParse(envelopeSchema.safeParse(read.json).data?.data).data;
    if (list === undefined) return notAList();
    candidates.push(...list.items.flatMap((item) => readItem(item, sent, query, read.aheadMs)));
    if (isLastPage(list.items.map(identityOf), seen, PAGE_SIZE)) return listed(candidates);
    // Where pages are capped, the next one follows this one only if it is asked for in the size that came.
    before = list.items.length;
    if (page === 1) size = Math.min(PAGE_SIZE, before);
  }
  return TOO_LONG;
}

/** One without an id is told from the others by all that it says. */
function identityOf(item: unknown): string {
  return listItemSchema.safeParse(item).data?.id ?? JSON.stringify(item);
}

/** A listing in spite of its POST: asking twice changes nothing. */
function askPage(
  model: string,
  window: FindWindow,
  { page, size }: { readonly page: number; readonly size: number },
  context: CallContext,
) {
  const body = {
    page,
    page_size: size,
    model,
    created_after: instantText(window.fromMs),
    created_before: instantText(window.toMs),
  };
  return sendJson(context, { method: 'POST', host: 'base_url', path: PREDICTIONS_PATH, body });
}

/** Whether items echo their inputs is not settled, and under which name neither [client source wscli]. */
function readItem(item: unknown, sent: JsonObject, query: FindQuery, aheadMs: number): Candidate[] {
  const prediction = listItemSchema.safeParse(item).data;
  if (prediction?.id === undefined) return [];
  const { isOther, ...time } = timeOf(prediction.created_at, windowOf(query), aheadMs);
  const inputs = compareInputs(sent, prediction.inputs ?? prediction.input);
  const { id, status = 'unknown' } = prediction;
  if (!isWanted(query, { predictionId: id, inputs, isOther })) return [];
  return [{ predictionId: id, reference: referenceTo(id), ...time, inputs, status: plainText(status, 60) }];
}
