import { durationShare, type PaceState, type RouteId } from '@localize/core';

/** How far back a run's memory of a route goes. */
const REMEMBERED = 64;

/** A prediction that this run saw begin. */
interface Watched {
  readonly route: RouteId;
  readonly expected: { readonly expectedMs: number; readonly everyMs: number };
  /** Its age when it was last seen open. */
  openAtMs: number;
}

/**
 * What a run has seen of how long its routes take, and how many polls its lanes may send yet. In memory: the next run
 * looks at everything at once and learns anew. Predictions of an earlier run teach nothing, since they may have ended
 * long before.
 */
export class Polling {
  readonly #shares = new Map<RouteId, number[]>();
  readonly #watched = new Map<string, Watched>();
  /** By route, while none of its ends was seen: the prediction that is to show one soon. */
  readonly #scouts = new Map<RouteId, string>();
  readonly #unanswered = new Map<string, number>();
  /** By lane. */
  readonly paces = new Map<number, PaceState>();

  /** How long the last predictions of a route took, as shares of what was expected. */
  seen(route: RouteId): readonly number[] {
    return this.#shares.get(route) ?? [];
  }

  watch(attemptId: string, route: RouteId, expected: Watched['expected']): void {
    this.#watched.set(attemptId, { route, expected, openAtMs: 0 });
    if (this.seen(route).length === 0 && !this.#scouts.has(route)) this.#scouts.set(route, attemptId);
  }

  isScout(attemptId: string): boolean {
    const watched = this.#watched.get(attemptId);
    return watched !== undefined && this.#scouts.get(watched.route) === attemptId;
  }

  /** Predictions of a route of which no look is behind, nor one that nobody has answered. */
  notLookedAt(route: RouteId): string[] {
    const isNew = ([id, each]: [string, Watched]) =>
      each.route === route && each.openAtMs === 0 && !this.#unanswered.has(id);
    return [...this.#watched].filter(isNew).map(([id]) => id);
  }

  expectedOf(attemptId: string): Watched['expected'] | null {
    return this.#watched.get(attemptId)?.expected ?? null;
  }

  /** @returns how many polls in a row nobody has answered, with this one */
  wentUnanswered(attemptId: string): number {
    const inARow = (this.#unanswered.get(attemptId) ?? 0) + 1;
    this.#unanswered.set(attemptId, inARow);
    return inARow;
  }

  wasAnswered(attemptId: string): void {
    this.#unanswered.delete(attemptId);
  }

  sawOpen(attemptId: string, ageMs: number): void {
    const watched = this.#watched.get(attemptId);
    if (watched) watched.openAtMs = ageMs;
  }

  /** @returns whether that says something of how long the route takes */
  sawEnd(attemptId: string, ageMs: number, completed: boolean): boolean {
    const watched = this.#watched.get(attemptId);
    if (this.isScout(attemptId) && watched) this.#scouts.delete(watched.route);
    this.#watched.delete(attemptId);
    // A failure ends early or late for reasons of its own.
    if (watched === undefined || !completed) return false;
    const shares = this.#shares.get(watched.route) ?? [];
    this.#shares.set(watched.route, shares);
    shares.push(durationShare({ openAtMs: watched.openAtMs, endedByMs: ageMs }, watched.expected));
    if (shares.length > REMEMBERED) shares.shift();
    return true;
  }
}
