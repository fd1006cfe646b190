import { durationShare, median, type PaceState, type RouteId } from '@localize/core';
import { type Absence, missedAgain, PRESENT } from './step/absence.js';

/** How far back a run's memory of a route goes. */
const REMEMBERED = 64;
/** So many ends in a row that came before their first look say that a route may have become much faster. */
const UNSEEN_ENDS = 3;
/** A scout that took less than this share of what the route usually took shows that it is another time now. */
const MUCH_FASTER = 0.5;

/** A prediction that this run saw begin, or has seen open. */
interface Watched {
  readonly route: RouteId;
  readonly expected: { readonly expectedMs: number; readonly everyMs: number };
  /** Its age when it was last seen open. */
  openAtMs: number;
  /** Whether a look is behind that was timed by what is known of the route. */
  wasLookedAt: boolean;
  /** Whether an end of its route had been seen when it began. */
  readonly isForetold: boolean;
}

/**
 * What a run has seen of how long its routes take, and how many polls its lanes may send yet. In memory: the next run
 * looks at everything at once and learns anew. Predictions of an earlier run teach nothing, since they may have ended
 * long before, but for those that it has seen open itself.
 */
export class Polling {
  readonly #shares = new Map<RouteId, number[]>();
  readonly #watched = new Map<string, Watched>();
  /** By route, while none of its ends was seen or it is in doubt: the prediction that is to show one soon. */
  readonly #scouts = new Map<RouteId, string>();
  /** By route: ends in a row that came before a first look which what was seen had timed. */
  readonly #unseenEnds = new Map<RouteId, number>();
  readonly #unanswered = new Map<string, number>();
  /** Failures that a further look may take back: how often each was told in a row, and since when. */
  readonly #doubted = new Map<string, Absence>();
  /** By lane. */
  readonly paces = new Map<number, PaceState>();

  /** How long the last predictions of a route took, as shares of what was expected. */
  seen(route: RouteId): readonly number[] {
    return this.#shares.get(route) ?? [];
  }

  /** @param openAtMs its age, where it is one of an earlier run that has been seen open now */
  watch(attemptId: string, route: RouteId, expected: Watched['expected'], openAtMs = 0): void {
    const isForetold = this.seen(route).length > 0;
    this.#watched.set(attemptId, { route, expected, openAtMs, wasLookedAt: false, isForetold });
    const isInDoubt = (this.#unseenEnds.get(route) ?? 0) >= UNSEEN_ENDS;
    if ((!isForetold || isInDoubt) && !this.#scouts.has(route)) this.#scouts.set(route, attemptId);
  }

  isScout(attemptId: string): boolean {
    const watched = this.#watched.get(attemptId);
    return watched !== undefined && this.#scouts.get(watched.route) === attemptId;
  }

  /** Predictions of a route of which no look is behind that this run has timed, nor one that nobody has answered. */
  notLookedAt(route: RouteId): string[] {
    const isNew = ([id, each]: [string, Watched]) =>
      each.route === route && !each.wasLookedAt && !this.#unanswered.has(id);
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

  /** @returns how often its failure was told in a row, with this one, and since when */
  doubted(attemptId: string, nowMs: number): Absence {
    const doubted = missedAgain(this.#doubted.get(attemptId) ?? PRESENT, nowMs);
    this.#doubted.set(attemptId, doubted);
    return doubted;
  }

  wasBelieved(attemptId: string): void {
    this.#doubted.delete(attemptId);
  }

  sawOpen(attemptId: string, ageMs: number): void {
    const watched = this.#watched.get(attemptId);
    if (watched) Object.assign(watched, { openAtMs: ageMs, wasLookedAt: true });
  }

  /** @returns whether that says when others of the route are worth their first look */
  sawEnd(attemptId: string, ageMs: number, completed: boolean): boolean {
    const watched = this.#watched.get(attemptId);
    const wasScout = this.isScout(attemptId);
    this.#watched.delete(attemptId);
    if (watched === undefined) return false;
    const { route, openAtMs, expected, isForetold } = watched;
    if (wasScout) this.#scouts.delete(route);
    // A failure ends early or late for reasons of its own.
    if (!completed) return wasScout && this.#nameScout(route);
    const share = durationShare({ openAtMs, endedByMs: ageMs }, expected);
    const shares = this.#shares.get(route) ?? [];
    this.#shares.set(route, shares);
    if (wasScout && share < MUCH_FASTER * (median(shares) ?? 0)) shares.length = 0;
    shares.push(share);
    if (shares.length > REMEMBERED) shares.shift();
    if (isForetold) this.#unseenEnds.set(route, openAtMs > 0 ? 0 : (this.#unseenEnds.get(route) ?? 0) + 1);
    return true;
  }

  /** In the place of a scout that has shown nothing. @returns whether there is one */
  #nameScout(route: RouteId): boolean {
    const next = this.notLookedAt(route)[0];
    if (next === undefined || this.seen(route).length > 0) return false;
    this.#scouts.set(route, next);
    return true;
  }
}
