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
  type ItemTime,
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
import { pollPrediction } from './status.js';
import { createInput, executionSchema, executionsSchema, MODEL, predictionSchema } from './wire.js';

const PAGE_SIZE = 100;
/** The list is the whole organization's and echoes no inputs, so each execution in it costs a call. */
const MOST_LOOKED_UP = 500;

/** The executions of the model in the window, then each one's inputs [doc list-executions, get-prediction]. */
export async function find(query: FindQuery, context: CallContext): Promise<FindResult> {
  const sent = createInput(query.request);
  if (sent === null) return listed([]);
  const executions = await listExecutions(query, context);
  if (!Array.isArray(executions)) return executions;
  if (executions.length > MOST_LOOKED_UP) return TOO_LONG;
  const candidates: Candidate[] = [];
  for (const execution of executions) {
    const looked = await lookUp(execution, sent, query, context);
    if (!Array.isArray(looked)) return looked;
    candidates.push(...looked);
  }
  return listed(candidates);
}

/** @property isOther whether its time alone tells that it is another's, unless its inputs say that it is ours. */
type Execution = Omit<Candidate, 'inputs' | 'reference'> & Pick<ItemTime, 'isOther'>;

async function listExecutions(query: FindQuery, context: CallContext): Promise<Execution[] | FindResult> {
  const executions = new Map<string, Execution>();
  const seen = new Set<unknown>();
  let [offset, before] = [0, 0];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read = readPage(await askPage(query, offset, context), httpFailure);
    if ('unanswered' in read) {
      return isPastTheEnd(read.unanswered, before, PAGE_SIZE) ? [...executions.values()] : read.unanswered;
    }
    const list = executionsSchema.safeParse(read.json).data;
    if (list === undefined) return notAList();
    for (const item of list.executions) {
      const { id, status, created_at: createdAt } = executionSchema.safeParse(item).data ?? {};
      if (id === undefined || query.isOwned?.(id) || id !== (query.named ?? id)) continue;
      const time = timeOf(createdAt, windowOf(query), read.aheadMs);
      executions.set(id, { predictionId: id, ...time, status: plainText(status ?? 'unknown', 60) });
    }
    // `total_count` may be capped [doc list-executions].
    if (isLastPage(list.executions.map(identityOf), seen, PAGE_SIZE)) return [...executions.values()];
    before = list.executions.length;
    offset += before;
  }
  return TOO_LONG;
}

/** One without an id is told from the others by all that it says. */
function identityOf(item: unknown): string {
  return executionSchema.safeParse(item).data?.id ?? JSON.stringify(item);
}

/** No `status` filter: it takes no `processing`, so a running prediction would be missing [doc list-executions]. */
function askPage(asked: FindQuery, offset: number, context: CallContext) {
  const { fromMs, toMs } = askedOf(asked);
  const query = {
    model: MODEL,
    from: instantText(fromMs),
    to: instantText(toMs),
    limit: PAGE_SIZE,
    offset,
  };
  return sendJson(context, { method: 'GET', host: 'base_url', path: '/executions', query });
}

/** The execution as a candidate, nothing when it is another's or gone, or why it cannot be told. */
async function lookUp(
  { isOther, ...execution }: Execution,
  sent: JsonObject,
  query: FindQuery,
  context: CallContext,
): Promise<Candidate[] | FindResult> {
  const poll = await pollPrediction(execution.predictionId, context);
  if (!poll.answered) return poll.result.state === 'unanswered' ? poll.result : [];
  const inputs = compareInputs(sent, predictionSchema.parse(poll.body).input);
  if (!isWanted(query, { ...execution, inputs, isOther })) return [];
  return [{ ...execution, reference: referenceTo(execution.predictionId), inputs }];
}
