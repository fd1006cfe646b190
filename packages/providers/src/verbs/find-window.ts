import type { Candidate, Failure, FindQuery, FindResult } from '@localize/core';
import type { Exchange, Reply } from '../http/exchange.js';

const MARGIN_MS = 5 * 60_000;

/** When a lost create may have made its prediction (design §4). */
export interface FindWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export function windowOf(query: FindQuery): FindWindow {
  return { fromMs: query.sentAtMs - MARGIN_MS, toMs: query.givenUpAtMs + MARGIN_MS };
}

/** A prediction whose time is not told may be the one. */
export function isInside(atMs: number | null, window: FindWindow): boolean {
  return atMs === null || (atMs >= window.fromMs && atMs <= window.toMs);
}

export function instantText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Pages that one search follows. A list that is not read to its end is no answer: absence in it proves nothing. */
export const MOST_PAGES = 50;

export const TOO_LONG: FindResult = {
  state: 'unanswered',
  failure: { kind: 'provider', message: 'the provider’s list is too long to read to its end' },
};

/** The body of a page, or why there is none. */
export function readPage(
  exchange: Exchange,
  failure: (reply: Reply) => Failure,
): { readonly json: unknown } | { readonly unanswered: FindResult } {
  if (!exchange.arrived) return { unanswered: { state: 'unanswered', failure: exchange.failure } };
  if (exchange.status >= 200 && exchange.status < 300) return { json: exchange.json };
  return { unanswered: { state: 'unanswered', failure: failure(exchange) } };
}

export function notAList(): FindResult {
  return { state: 'unanswered', failure: { kind: 'provider', message: 'the provider’s list has an unknown form' } };
}

/** Pages shift while they are read, so a prediction may come twice. */
export function listed(candidates: readonly Candidate[]): FindResult {
  const byId = new Map(candidates.map((candidate) => [candidate.predictionId, candidate]));
  return { state: 'listed', candidates: [...byId.values()] };
}
