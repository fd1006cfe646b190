import type { FindQuery, Route } from '@localize/core';
import type { AttemptRow } from './store.js';

/** More than any two zones are apart: times of a list that names none, or a clock that is off, hide nothing within it. */
const AROUND_MS = 24 * 3_600_000;

/** What a provider's list is asked for to find what a create has made, by the times of this machine's wall clock. */
export function findQueryOf({ request, sentAt, repliedAt, wallAhead }: AttemptRow, route: Route): FindQuery {
  const { media, input } = request;
  return {
    request: { route, media, input },
    sentAtMs: sentAt + wallAhead,
    givenUpAtMs: (repliedAt ?? sentAt) + wallAhead,
  };
}

/** A day around what a query is about, and around now too, since a clock may have been set since. */
export function dayAround({ sentAtMs, givenUpAtMs }: FindQuery, wallMs: number): NonNullable<FindQuery['around']> {
  return { fromMs: Math.min(sentAtMs, wallMs) - AROUND_MS, toMs: Math.max(givenUpAtMs, wallMs) + AROUND_MS };
}
