import { estimateFromSeen, type Micros, type RouteChoice, type RouteId, seenMicrosPerSecond } from '@localize/core';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** What is known of a job's price when it is about to be bought. */
export interface Expectation {
  readonly micros: Micros | null;
  /** Whether a bill above it would be a surprise: no bare floor. */
  readonly firm: boolean;
}

/** A choice's estimate; on a route with only a floor price, what the highest price a second that was seen there gives. */
export function expectedPrice(store: Store, choice: RouteChoice, durationMs: number | null): Expectation {
  const { micros, certainty } = choice.estimate;
  if (certainty !== 'floor' || micros === null) return { micros, firm: certainty === 'exact' };
  const seen = seenPrice(store, choice);
  if (seen === null || durationMs === null) return { micros, firm: false };
  return { micros: estimateFromSeen(micros, seen, durationMs), firm: true };
}

function seenPrice(store: Store, { route, input }: RouteChoice): Micros | null {
  const row = prepared<[string, string], { micros: number }>(
    store,
    'SELECT micros_per_second AS micros FROM seen_prices WHERE route = ? AND resolution = ?',
  ).get(route, input.resolution ?? '');
  return row?.micros ?? null;
}

/** Remembers what a provider billed where its pages only say a minimum. The highest price a second counts. */
export function rememberPrice(store: Store, choice: RouteChoice, billed: Micros, durationMs: number | null): void {
  if (choice.estimate.certainty !== 'floor' || durationMs === null || durationMs <= 0) return;
  prepared<[string, string, number], unknown>(
    store,
    `INSERT INTO seen_prices (route, resolution, micros_per_second) VALUES (?, ?, ?)
       ON CONFLICT (route, resolution) DO UPDATE SET micros_per_second = max(micros_per_second, excluded.micros_per_second)`,
  ).run(choice.route, choice.input.resolution ?? '', seenMicrosPerSecond(billed, durationMs));
}

/** Whether a create is out on the route whose price nobody has stated yet; it is waited for no longer than for its slot. */
export function awaitsPrice(store: Store, route: RouteId, nowMs: number): boolean {
  const row = prepared<[string, number], { waits: number }>(
    store,
    `SELECT 1 AS waits FROM attempts WHERE state IN ('intended', 'accepted') AND quoted_micros IS NULL
       AND billed_micros IS NULL AND route = ? AND slot_until > ? LIMIT 1`,
  ).get(route, nowMs);
  return row !== undefined;
}
