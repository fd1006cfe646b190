import {
  type BudgetCap,
  type BudgetSettings,
  covers,
  type Micros,
  type PlannedJob,
  type ProviderId,
  type RouteChoice,
  type RouteId,
  withMargin,
} from '@localize/core';
import { type Moved, type Need, UnboughtJobs, type UnboughtRow } from '../placement/unbought-jobs.js';
import type { Store } from '../store.js';
import { ServedJobs } from '../twins/served-jobs.js';
import type { Prices } from './accepted-prices.js';
import { awaitsPrice, expectedPrice } from './seen-prices.js';
import { capSpending, leftOf, type Spenders } from './spending.js';

/** A cap that keeps jobs from being bought although nothing else that it counts fits. */
export interface MetCap {
  readonly cap: BudgetCap;
  /** What the cheapest of those jobs needs where it waits. */
  readonly neededMicros: Micros;
  readonly leftMicros: Micros;
  /** Something is out there that may turn out cheaper than what was reserved for it. */
  readonly mayReopen: boolean;
}

/** What the budget keeps from being bought by now. */
export interface OutOfRoom {
  readonly caps: readonly MetCap[];
  /** Providers that have jobs of which none fits, whichever caps count them. */
  readonly providers: ReadonlySet<ProviderId>;
}

/**
 * What a run's jobs that are still to be bought need, beside what the budget's caps leave. Jobs that the same caps count
 * draw on one purse, apart from those whose route's price is not known yet. The next job that fits is found by an index,
 * however many there are that do not.
 */
export class Purses {
  /** Jobs that need nothing, since they take what is bought for another one. */
  readonly served: ServedJobs;
  readonly #store: Store;
  readonly #jobs: UnboughtJobs;
  readonly #budget: BudgetSettings;
  readonly #prices: Prices;
  readonly #spenders: () => Spenders & Now;
  /** By their number. */
  readonly #purses: Purse[] = [];
  readonly #numbers = new Map<string, number>();
  /** Purses that a provider's jobs have drawn on. */
  readonly #ofProvider = new Map<ProviderId, Set<number>>();
  #left = new Map<BudgetCap, Micros>();

  constructor(
    store: Store,
    { budget, prices }: { readonly budget: BudgetSettings; readonly prices: Prices },
    spenders: () => Spenders & Now,
  ) {
    this.#store = store;
    this.#jobs = new UnboughtJobs(store);
    this.served = new ServedJobs(store);
    this.#budget = budget;
    this.#prices = prices;
    this.#spenders = spenders;
  }

  /** Begins with the jobs that the run has selected; from then on every move of one is followed. */
  open(): void {
    this.#jobs.open();
  }

  /**
   * Ids of a provider's next jobs that fit beside those that are staged there already, in the manifest's order. Of those
   * that wait for the create that is to show their route's price, a few are staged, so that it is looked for, and no more.
   */
  next(provider: ProviderId, limit: number): number[] {
    this.#update();
    const left = new Map(this.#left);
    const set = (purse: number, micros: Micros) => {
      for (const cap of this.#capsOf(purse)) left.set(cap, (left.get(cap) ?? 0) - micros);
    };
    const staged = new Map(this.#jobs.staged(provider).map(({ purse, needs }) => [purse, needs]));
    for (const [purse, needs] of staged) set(purse, needs);
    const purses = [...(this.#ofProvider.get(provider) ?? [])];
    const open = purses.filter((purse) => !staged.has(purse) || !this.#awaitsPrice(purse));
    const { nowMs } = this.#spenders();
    const fitting = open.flatMap((purse) =>
      this.#jobs.fitting([provider, purse], this.#roomOf(purse, left), { nowMs, limit }),
    );
    const taken: number[] = [];
    for (const { id, purse, needs } of fitting.sort((a, b) => a.position - b.position)) {
      if (taken.length === limit) break;
      if (needs > this.#roomOf(purse, left)) continue;
      set(purse, needs);
      taken.push(id);
    }
    return taken;
  }

  /** What is expected of prices has changed by another's hand: all that is left is looked at again. */
  reprice(): void {
    this.#jobs.lookAgain();
  }

  /** Leaves out a job that waits for another's result, which costs nothing, until it moves again. */
  setAside(jobId: number): void {
    this.#jobs.setAside(jobId);
  }

  /** Ids of a provider's staged jobs that wait for the create that is to show their route's price. */
  awaitingPrice(provider: ProviderId): ReadonlySet<number> {
    const awaiting = [...(this.#ofProvider.get(provider) ?? [])].filter((purse) => this.#awaitsPrice(purse));
    return new Set(awaiting.flatMap((purse) => this.#jobs.stagedOf([provider, purse])));
  }

  /** Tells whether the caps have room now for a job on one of its choices. */
  fits(): (job: PlannedJob, choice: RouteChoice) => boolean {
    this.#update();
    return (job, choice) => {
      const { purse, needs } = this.#needOf(job, choice);
      return needs <= this.#roomOf(purse, this.#left);
    };
  }

  /**
   * Ids of jobs that do not fit on their choice and have further ones. Each is named once, and again when some cap has
   * come to leave more.
   */
  misplaced(limit: number): number[] {
    this.#update();
    const ids = this.#groups()
      .flatMap((group) => this.#jobs.misplaced(group, this.#roomOf(group[1], this.#left), limit))
      .slice(0, limit);
    for (const id of ids) this.#jobs.noteLookedElsewhere(id);
    return ids;
  }

  /** The caps that nothing fits under any more of what they count, and the providers that they leave nothing for. */
  outOfRoom(): OutOfRoom {
    this.#update();
    const inTheWay = new Map<BudgetCap, Micros>();
    const roomy = new Set<BudgetCap>();
    const fits = new Map<ProviderId, boolean>();
    for (const [provider, purse] of this.#groups()) {
      const least = this.#jobs.least([provider, purse]);
      if (least === null) continue;
      const caps = this.#capsOf(purse);
      const hasRoom = least <= this.#roomOf(purse, this.#left);
      fits.set(provider, hasRoom || fits.get(provider) === true);
      if (hasRoom) for (const cap of caps) roomy.add(cap);
      for (const cap of caps) {
        if (least > (this.#left.get(cap) ?? 0)) inTheWay.set(cap, Math.min(least, inTheWay.get(cap) ?? least));
      }
    }
    const caps = [...inTheWay]
      .filter(([cap]) => !roomy.has(cap))
      .map(([cap, neededMicros]) => ({
        cap,
        neededMicros,
        leftMicros: Math.max(0, this.#left.get(cap) ?? 0),
        mayReopen: capSpending(this.#store, cap, this.#spenders()).inFlightMicros > 0,
      }));
    return { caps, providers: new Set([...fits].flatMap(([provider, any]) => (any ? [] : [provider]))) };
  }

  /**
   * What the cheapest job needs that a met cap counts, on whichever of its routes; by a provider's cap only there, and
   * where a cheaper route is held up by another cap, on the one that it waits for.
   */
  leastUnder({ cap, neededMicros, leftMicros }: MetCap): Micros {
    if (cap.scope.kind === 'provider') return neededMicros;
    return Math.min(neededMicros, ...this.#leastOf(cap).filter((micros) => micros > leftMicros));
  }

  /** What the cheapest job that a provider's cap counts needs on another route; `null` where that is not less. */
  leastElsewhere({ cap, neededMicros }: MetCap): Micros | null {
    if (cap.scope.kind !== 'provider') return null;
    const least = Math.min(...this.#leastOf(cap));
    return least < neededMicros ? least : null;
  }

  /** What the cheapest of the jobs that a cap counts need wherever they may go, for each kind of them. */
  #leastOf(cap: BudgetCap): Micros[] {
    const groups = this.#groups().filter(([, purse]) => this.#capsOf(purse).includes(cap));
    return groups.flatMap((group) => this.#jobs.leastAnywhere(group) ?? []);
  }

  /** Brings the jobs in line with those that have moved, and looks at what the caps leave. */
  #update(): void {
    this.#jobs.follow((moved) => this.#entryOf(moved));
    const spenders = this.#spenders();
    const before = this.#left;
    this.#left = new Map(this.#budget.caps.map((cap) => [cap, leftOf(this.#store, cap, spenders)]));
    const hasGrown = [...this.#left].some(([cap, micros]) => micros > (before.get(cap) ?? micros));
    if (hasGrown) this.#jobs.lookElsewhereAgain();
  }

  #entryOf({ id, job, choice: index, position, isStaged }: Moved): UnboughtRow | null {
    const choice = job?.choices[index];
    if (job === null || choice === undefined || this.served.has(id)) return null;
    const { provider } = choice;
    const need = this.#needOf(job, choice);
    const known = this.#ofProvider.get(provider) ?? new Set();
    this.#ofProvider.set(provider, known.add(need.purse));
    const further = job.choices.slice(index + 1);
    // Of a price that nobody knows nothing can be said.
    const others = further.map((each) => this.#needOf(job, each).needs).filter((needs) => needs > 0);
    const least = Math.min(need.needs, ...others);
    return { id, provider, ...need, least, position, isStaged, hasFurtherChoice: further.length > 0 };
  }

  /** A price that nobody knows needs nothing here: the buying transaction says what it is about. */
  #needOf({ language, labels, durationMs }: PlannedJob, choice: RouteChoice): Need {
    const { caps, marginPercent } = this.#budget;
    const { provider } = choice;
    const own = caps.flatMap((cap, index) => (covers(cap, { provider, language, labels }) ? [index] : []));
    const { micros, certainty } = expectedPrice(this.#store, choice, durationMs, this.#prices);
    const floorOf = certainty === 'floor' && own.length > 0 ? choice.route : null;
    return { purse: this.#numberOf(own, floorOf), needs: micros === null ? 0 : withMargin(micros, marginPercent) };
  }

  #numberOf(caps: readonly number[], floorOf: RouteId | null): number {
    const name = `${caps.join(' ')} ${floorOf ?? ''}`;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#purses.length);
    return this.#purses.push({ caps: caps.flatMap((index) => this.#budget.caps[index] ?? []), floorOf }) - 1;
  }

  #capsOf(purse: number): readonly BudgetCap[] {
    return this.#purses[purse]?.caps ?? [];
  }

  #awaitsPrice(purse: number): boolean {
    const route = this.#purses[purse]?.floorOf ?? null;
    return route !== null && awaitsPrice(this.#store, route, this.#spenders().nowMs);
  }

  #groups(): [ProviderId, number][] {
    return [...this.#ofProvider].flatMap(([provider, purses]) =>
      [...purses].map((purse): [ProviderId, number] => [provider, purse]),
    );
  }

  #roomOf(purse: number, left: ReadonlyMap<BudgetCap, Micros>): Micros {
    return Math.min(Number.MAX_SAFE_INTEGER, ...this.#capsOf(purse).map((cap) => left.get(cap) ?? 0));
  }
}

/** What jobs draw on. */
interface Purse {
  /** The caps that count them. */
  readonly caps: readonly BudgetCap[];
  /** Their route, where only a minimum of its price is known so far. */
  readonly floorOf: RouteId | null;
}

/** What waits of jobs go by. */
interface Now {
  readonly nowMs: number;
}
