import type { Candidate, Failure, FindQuery, FindResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';
import { hasZone, readInstant } from '../reading/instant.js';

const MARGIN_MS = 5 * 60_000;

/** When a lost create may have made its prediction. */
export interface FindWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From 5 min before a create was sent to 5 min after it was given up, by this machine's clock. */
export function windowOf(query: FindQuery): FindWindow {
  return { fromMs: query.sentAtMs - MARGIN_MS, toMs: query.givenUpAtMs + MARGIN_MS };
}

/** What a search reads of the list. */
export function askedOf(query: FindQuery): FindWindow {
  return query.around ?? windowOf(query);
}

/** When an item of a list was made, and what that says of a lost create. */
export interface ItemTime extends Pick<Candidate, 'createdAtMs' | 'isTimely'> {
  /** Whether its time alone proves that it is another's. Clocks and zones that nobody knows prove nothing. */
  readonly isOther: boolean;
}

/**
 * A prediction whose time is not told may be the one.
 * @param aheadMs of {@link readPage}: a time is timely by this machine's clock or by the provider's
 */
export function timeOf(text: unknown, window: FindWindow, aheadMs: number): ItemTime {
  const createdAtMs = readInstant(text);
  if (createdAtMs === null) return { createdAtMs, isTimely: true, isOther: false };
  const isTimely =
    createdAtMs >= window.fromMs + Math.min(0, aheadMs) && createdAtMs <= window.toMs + Math.max(0, aheadMs);
  return { createdAtMs, isTimely, isOther: !isTimely && hasZone(String(text)) };
}

/** Whether an item of a list is told: it may be the lost create, or is the one that somebody names. */
export function isWanted(
  { named }: FindQuery,
  item: Pick<Candidate, 'predictionId' | 'inputs'> & Pick<ItemTime, 'isOther'>,
) {
  if (named !== undefined) return item.predictionId === named;
  return item.inputs === 'same' || (item.inputs === 'unknown' && !item.isOther);
}

/** A time as lists are asked for it: ISO 8601 in UTC. */
export function instantText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Pages that one search follows. A list that is not read to its end is no answer: absence in it proves nothing. */
export const MOST_PAGES = 50;

/**
 * Whether a page ends its list. One that is shorter than was asked for need not: a provider may give fewer items a page
 * than one asks for, so only one that brings nothing new does. A full page that brings nothing new tells of a list that
 * does not turn its pages.
 * @param seen ids of the pages before; this page's are added
 */
export function isLastPage(ids: readonly unknown[], seen: Set<unknown>, asked: number): boolean {
  const before = seen.size;
  for (const id of ids) seen.add(id);
  return ids.length === 0 || (seen.size === before && ids.length < asked);
}

/** What a provider may answer to a page that lies past the end of its list. */
const PAST_THE_END: ReadonlySet<number> = new Set([400, 404, 416, 422]);

/**
 * Whether a page that is refused lies past the end of its list: the page before had room for more than it brought.
 * @param before how many items that was; 0: there was none
 * @param asked for how many it was asked
 */
export function isPastTheEnd(refused: FindResult, before: number, asked: number): boolean {
  const status = refused.state === 'unanswered' ? refused.failure.httpStatus : undefined;
  return before > 0 && before < asked && status !== undefined && PAST_THE_END.has(status);
}

export const TOO_LONG: FindResult = {
  state: 'unanswered',
  failure: { kind: 'provider', message: 'the provider’s list is too long to read to its end' },
};

/** Two clocks that differ by more than this are not those of one world: a search by time would look in the wrong place. */
const MOST_AHEAD_MS = 12 * 3_600_000;

/** The body of a page, and by how much the provider's clock is ahead of this machine's; or why there is none. */
export function readPage(
  exchange: Exchange,
  failure: (reply: Reply) => Failure,
): { readonly json: unknown; readonly aheadMs: number } | { readonly unanswered: FindResult } {
  if (!exchange.arrived) return { unanswered: { state: 'unanswered', failure: exchange.failure } };
  if (exchange.status < 200 || exchange.status >= 300) {
    return { unanswered: { state: 'unanswered', failure: failure(exchange) } };
  }
  const aheadMs = clockAheadMs(exchange);
  return Math.abs(aheadMs) > MOST_AHEAD_MS ? { unanswered: CLOCKS_DIFFER } : { json: exchange.json, aheadMs };
}

const CLOCKS_DIFFER: FindResult = {
  state: 'unanswered',
  failure: {
    kind: 'provider',
    message: 'this machine’s clock is hours away from the provider’s, so times tell nothing',
  },
};

/** By the `Date` of a reply [RFC 9110 §6.6.1]; 0 where it has none. */
function clockAheadMs({ headers: { date } }: Reply): number {
  const atMs = Date.parse(date ?? '');
  return Number.isNaN(atMs) ? 0 : atMs - Date.now();
}

export function notAList(): FindResult {
  return { state: 'unanswered', failure: { kind: 'provider', message: 'the provider’s list has an unknown form' } };
}

/** Pages shift while they are read, so a prediction may come twice. */
export function listed(candidates: readonly Candidate[]): FindResult {
  const byId = new Map(candidates.map((candidate) => [candidate.predictionId, candidate]));
  return { state: 'listed', candidates: [...byId.values()] };
}
