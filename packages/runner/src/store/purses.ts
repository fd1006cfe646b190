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
import type { Prices } from './accepted-prices.js';
import { AT_MOST, prepared } from './prepared.js';
import { awaitsPrice, expectedPrice } from './seen-prices.js';
import { capSpending, leftOf, type Spenders } from './spending.js';
import type { Store } from './store.js';
import { UNBOUGHT, UNBOUGHT_TABLE } from './unbought-table.js';

/** A cap that keeps jobs from being bought although nothing else that it counts fits. */
export interface MetCap {
  readonly cap: BudgetCap;
  /** What the cheapest of those jobs needs. */
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
 * draw on one purse, apart from those whose route's price is not known yet. A temporary table has each with its need, so that the next job that fits is found by an index,
 * however many there are that do not.
 */
export class Purses {
  readonly #store: Store;
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
    this.#budget = budget;
    this.#prices = prices;
    this.#spenders = spenders;
  }

  /** Begins with the jobs that the run has selected; from then on every move of one is followed. */
  open(): void {
    this.#store.sqlite.exec(UNBOUGHT_TABLE);
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
    const staged = new Map(this.#staged(provider).map(({ purse, needs }) => [purse, needs]));
    for (const [purse, needs] of staged) set(purse, needs);
    const purses = [...(this.#ofProvider.get(provider) ?? [])];
    const open = purses.filter((purse) => !staged.has(purse) || !this.#awaitsPrice(purse));
    const fitting = open.flatMap((purse) => this.#fitting(provider, purse, this.#roomOf(purse, left), limit));
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
    prepared<[], unknown>(this.#store, 'INSERT OR IGNORE INTO temp.moved SELECT job_id FROM temp.unbought').run();
  }

  /** Leaves out a job that waits for another's result, which costs nothing, until it moves again. */
  setAside(jobId: number): void {
    prepared<[number], unknown>(this.#store, 'DELETE FROM temp.moved WHERE job_id = ?').run(jobId);
    prepared<[number], unknown>(this.#store, 'DELETE FROM temp.unbought WHERE job_id = ?').run(jobId);
  }

  /** Ids of a provider's staged jobs that wait for the create that is to show their route's price. */
  awaitingPrice(provider: ProviderId): ReadonlySet<number> {
    const awaiting = [...(this.#ofProvider.get(provider) ?? [])].filter((purse) => this.#awaitsPrice(purse));
    const staged = prepared<[string, number], { id: number }>(
      this.#store,
      'SELECT job_id AS id FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 1',
    );
    return new Set(awaiting.flatMap((purse) => staged.all(provider, purse).map(({ id }) => id)));
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
    const ids = this.#groups().flatMap(([provider, purse]) =>
      prepared<[string, number, Micros, number], { id: number }>(
        this.#store,
        `SELECT job_id AS id FROM temp.unbought INDEXED BY unbought_elsewhere
           WHERE elsewhere = 1 AND provider = ? AND purse = ? AND needs > ? ${AT_MOST}`,
      ).all(provider, purse, this.#roomOf(purse, this.#left), limit),
    );
    const named = prepared<[number], unknown>(this.#store, 'UPDATE temp.unbought SET elsewhere = 0 WHERE job_id = ?');
    return ids.slice(0, limit).map(({ id }) => {
      named.run(id);
      return id;
    });
  }

  /** The caps that nothing fits under any more of what they count, and the providers that they leave nothing for. */
  outOfRoom(): OutOfRoom {
    this.#update();
    const inTheWay = new Map<BudgetCap, Micros>();
    const roomy = new Set<BudgetCap>();
    const fits = new Map<ProviderId, boolean>();
    for (const [provider, purse] of this.#groups()) {
      const least = this.#least(provider, purse);
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

  /** Brings the table in line with the jobs that have moved, and looks at what the caps leave. */
  #update(): void {
    this.#store.sqlite.transaction(() => {
      while (this.#takeMoved()) {}
    })();
    const spenders = this.#spenders();
    const before = this.#left;
    this.#left = new Map(this.#budget.caps.map((cap) => [cap, leftOf(this.#store, cap, spenders)]));
    const hasGrown = [...this.#left].some(([cap, micros]) => micros > (before.get(cap) ?? micros));
    if (hasGrown) prepared(this.#store, 'UPDATE temp.unbought SET elsewhere = 1 WHERE elsewhere = 0').run();
  }

  /** @returns whether there may be more */
  #takeMoved(): boolean {
    const rows = prepared<[number], Moved>(
      this.#store,
      `SELECT m.job_id AS id, j.state, j.choice, j.position, iif(j.state IN ${UNBOUGHT}, j.planned, NULL) AS planned
         FROM temp.moved m JOIN jobs j ON j.id = m.job_id ${AT_MOST}`,
    ).all(AT_ONCE);
    const forget = prepared<[number], unknown>(this.#store, 'DELETE FROM temp.moved WHERE job_id = ?');
    for (const row of rows) {
      this.#write(row);
      forget.run(row.id);
    }
    return rows.length === AT_ONCE;
  }

  #write({ id, state, choice: index, position, planned }: Moved): void {
    const job = planned === null ? null : (JSON.parse(planned) as PlannedJob);
    const choice = job?.choices[index];
    if (job === null || choice === undefined) {
      prepared<[number], unknown>(this.#store, 'DELETE FROM temp.unbought WHERE job_id = ?').run(id);
      return;
    }
    const { provider } = choice;
    const { purse, needs } = this.#needOf(job, choice);
    const known = this.#ofProvider.get(provider) ?? new Set();
    this.#ofProvider.set(provider, known.add(purse));
    const staged = state === 'staging' ? 1 : 0;
    const elsewhere = job.choices.length > index + 1 ? 1 : null;
    prepared<[number, string, number, number, Micros, number, number | null], unknown>(
      this.#store,
      `INSERT OR REPLACE INTO temp.unbought (job_id, provider, purse, staged, needs, position, elsewhere)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(id, provider, purse, staged, needs, position, elsewhere);
  }

  /** A price that nobody knows needs nothing here: the buying transaction says what it is about. */
  #needOf({ language, labels, durationMs }: PlannedJob, choice: RouteChoice): { purse: number; needs: Micros } {
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

  #staged(provider: ProviderId): { purse: number; needs: Micros }[] {
    return prepared<[string], { purse: number; needs: Micros }>(
      this.#store,
      'SELECT purse, sum(needs) AS needs FROM temp.unbought WHERE provider = ? AND staged = 1 GROUP BY purse',
    ).all(provider);
  }

  #least(provider: ProviderId, purse: number): Micros | null {
    const row = prepared<[string, number, string, number], { needs: Micros | null }>(
      this.#store,
      `SELECT min(needs) AS needs FROM (
         SELECT min(needs) AS needs FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 0
         UNION ALL SELECT min(needs) FROM temp.unbought WHERE provider = ? AND purse = ? AND staged = 1)`,
    ).get(provider, purse, provider, purse);
    return row?.needs ?? null;
  }

  /** Where few fit they are found by their need, and where many do the first are soon met in the manifest's order. */
  #fitting(provider: ProviderId, purse: number, room: Micros, limit: number): Fitting[] {
    const count = prepared<[string, number, Micros, number], { fitting: number }>(
      this.#store,
      `SELECT count(*) AS fitting FROM (SELECT 1 FROM temp.unbought INDEXED BY unbought_needs ${FITTING} ${AT_MOST})`,
    ).get(provider, purse, room, MANY);
    const fitting = count?.fitting ?? 0;
    if (fitting === 0) return [];
    return prepared<[string, number, Micros, number, number], Fitting>(
      this.#store,
      `SELECT job_id AS id, purse, needs, unbought.position
         FROM temp.unbought INDEXED BY ${fitting < MANY ? 'unbought_needs' : 'unbought_order'}
         CROSS JOIN jobs ON jobs.id = job_id ${FITTING} AND ready_at <= ? ORDER BY unbought.position ${AT_MOST}`,
    ).all(provider, purse, room, this.#spenders().nowMs, limit);
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

interface Moved {
  readonly id: number;
  readonly state: string;
  readonly choice: number;
  readonly position: number;
  /** JSON; `null` where the job is no longer to be bought. */
  readonly planned: string | null;
}

interface Fitting {
  readonly id: number;
  readonly purse: number;
  readonly needs: Micros;
  readonly position: number;
}

const AT_ONCE = 1_000;
const MANY = 500;
const FITTING = 'WHERE unbought.provider = ? AND purse = ? AND staged = 0 AND needs <= ?';
