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
  readonly #unanswered = new Map<string, number>();
  /** By lane. */
  readonly paces = new Map<number, PaceState>();

  /** How long the last predictions of a route took, as shares of what was expected. */
  seen(route: RouteId): readonly number[] {
    return this.#shares.get(route) ?? [];
  }

  watch(attemptId: string, route: RouteId, expected: Watched['expected']): void {
    this.#watched.set(attemptId, { route, expected, openAtMs: 0 });
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

  sawEnd(attemptId: string, ageMs: number, completed: boolean): void {
    const watched = this.#watched.get(attemptId);
    this.#watched.delete(attemptId);
    // A failure ends early or late for reasons of its own.
    if (watched === undefined || !completed) return;
    const shares = this.#shares.get(watched.route) ?? [];
    this.#shares.set(watched.route, shares);
    shares.push(durationShare({ openAtMs: watched.openAtMs, endedByMs: ageMs }, watched.expected));
    if (shares.length > REMEMBERED) shares.shift();
  }
}
