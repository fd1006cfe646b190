import { type BudgetCap, covers, type Spender, UNASKED_CAP, withMargin } from '../money/budget.js';
import { formatUsd, type Micros } from '../money/money.js';
import type { Estimate } from '../money/price.js';
import type { ProviderId, RouteId } from '../provider/route.js';
import { firstShellWord } from '../text/shell-word.js';
import type { JobSnapshot } from './snapshot.js';

/** What was spent under a cap. Amounts in flight and at risk are what was reserved, with the budget's margin. */
export interface CapSpending {
  readonly billedMicros: Micros;
  readonly inFlightMicros: Micros;
  readonly atRiskMicros: Micros;
  /** Attempts that it counts as well, and of whose amounts nobody knows anything: nothing can be bought under it. */
  readonly unpricedAttempts: number;
}

/** One cap in force, how far it is used up, and what waits for it. */
export interface CapSnapshot extends BudgetCap, CapSpending {
  /** Billed, in flight and at risk together. */
  readonly spentMicros: Micros;
  /** What it still allows; never below zero. */
  readonly leftMicros: Micros;
  /** Jobs that this cap keeps from being bought, once all that fits is bought. */
  readonly waitingJobs: number;
  /** By how much it would have to be raised for them. */
  readonly shortMicros: Micros;
}

/** Why a job cannot be bought: what it needs does not fit under these caps. */
export interface MoneyWait {
  /** What the job needs, with the budget's margin. */
  readonly neededMicros: Micros;
  /** Names of the caps that are in the way. */
  readonly caps: readonly string[];
  /** When all of those begin to count anew, where they do: at the next midnight, or the first of a month. */
  readonly until?: 'day' | 'month';
}

/** One of the routes that a job may still be bought on. */
export interface Offer {
  readonly route: RouteId;
  readonly provider: ProviderId;
  /** `null`: nobody knows its price, so that no cap can let it through. */
  readonly estimateMicros: Micros | null;
  readonly certainty: Estimate['certainty'];
}

/** A job that is still to be bought. */
export interface UnboughtJob extends Omit<Spender, 'provider'> {
  readonly key: string;
  /** Best first: it is bought on the first that fits. */
  readonly offers: readonly Offer[];
}

export interface BudgetOutlook {
  readonly caps: readonly CapSnapshot[];
  /** By job key. */
  readonly waiting: ReadonlyMap<string, MoneyWait>;
}

/**
 * Which jobs the budget has room for, when they are bought in the order in which they come, and which have to wait for money.
 */
export class JobsUnderCaps {
  readonly #meters: readonly Meter[];
  readonly #marginPercent: number;
  readonly #waiting = new Map<string, MoneyWait>();

  /** @param spent what was spent under each cap, in the order of the caps. */
  constructor(caps: readonly BudgetCap[], spent: readonly CapSpending[], marginPercent: number) {
    this.#meters = caps.map((cap, index) => new Meter(cap, spent[index] ?? NOTHING_SPENT));
    this.#marginPercent = marginPercent;
  }

  /** The route that the job would be bought on now; `null`: none has room. Takes up nothing. */
  routeFor(job: UnboughtJob): RouteId | null {
    return this.#ask(job).find(hasRoom)?.route ?? null;
  }

  /** How many caps have no room now for the job on the route that needs the least; none known: infinity. */
  capsInTheWay(job: UnboughtJob): number {
    return leastNeeded(this.#ask(job))?.full.length ?? Number.POSITIVE_INFINITY;
  }

  /** @returns the route that the job is bought on, or waits for money on; `null`: no cap lets it through anywhere */
  place(job: UnboughtJob): RouteId | null {
    const asked = this.#ask(job);
    const fitting = asked.find(hasRoom);
    const [first] = asked;
    const least = leastNeeded(asked);
    // Once it is settled, it takes up no more than its price: the margin is for the time until then.
    if (fitting !== undefined) for (const meter of fitting.own) meter.take(fitting.estimateMicros);
    else if (least !== undefined) {
      const { neededMicros, full } = least;
      const until = countsAnew(full, neededMicros);
      const caps = full.map(({ cap }) => cap.name);
      this.#waiting.set(job.key, { neededMicros, caps, ...(until && { until }) });
      for (const meter of full) meter.refuse(neededMicros);
    }
    return (fitting ?? first)?.route ?? null;
  }

  #ask(job: UnboughtJob): Asked[] {
    return job.offers.flatMap((offer) => ask(this.#meters, job, offer, this.#marginPercent));
  }

  /** What a job that was placed has to wait for; `undefined`: nothing. */
  waitOf(key: string): MoneyWait | undefined {
    return this.#waiting.get(key);
  }

  end(): BudgetOutlook {
    return { caps: this.#meters.map((meter) => meter.snapshot()), waiting: this.#waiting };
  }
}

/**
 * What lets a job that waits at its first route be bought: room for the one of its routes that needs the least. Of a price
 * of which only a minimum is known nobody can say how much that is.
 */
function leastNeeded(asked: readonly Asked[]): Asked | undefined {
  const known = asked.filter(({ isMinimum }) => !isMinimum);
  const [least] = (known.length > 0 ? known : [...asked]).sort((a, b) => a.neededMicros - b.neededMicros);
  return least;
}

/** What an offer needs, and of which caps. */
interface Asked {
  readonly route: RouteId;
  readonly own: readonly Meter[];
  readonly neededMicros: Micros;
  readonly estimateMicros: Micros;
  readonly isMinimum: boolean;
  /** Of its own caps those that have no room for it. */
  readonly full: readonly Meter[];
}

function hasRoom({ full }: Asked): boolean {
  return full.length === 0;
}

/** When caps have room again although nobody raises them; `null`: never, or nobody knows. */
function countsAnew(full: readonly Meter[], neededMicros: Micros): MoneyWait['until'] | null {
  const caps = full.map(({ cap }) => cap);
  const ends = caps.every(({ period, micros }) => (period === 'day' || period === 'month') && micros >= neededMicros);
  if (!ends) return null;
  return caps.some(({ period }) => period === 'month') ? 'month' : 'day';
}

/** What an offer needs of whom; nothing where a cap counts it and nobody knows its price, or what that cap leaves. */
function ask(
  meters: readonly Meter[],
  { language, labels }: UnboughtJob,
  { route, provider, estimateMicros, certainty }: Offer,
  marginPercent: number,
): Asked[] {
  const own = meters.filter(({ cap }) => covers(cap, { provider, language, labels }));
  if (own.some((meter) => estimateMicros === null || meter.countsUnknown)) return [];
  const neededMicros = withMargin(estimateMicros ?? 0, marginPercent);
  return [
    {
      route,
      own,
      neededMicros,
      estimateMicros: estimateMicros ?? 0,
      isMinimum: certainty === 'floor',
      full: own.filter((meter) => !meter.allows(neededMicros)),
    },
  ];
}

export const NOTHING_SPENT: CapSpending = {
  billedMicros: 0,
  inFlightMicros: 0,
  atRiskMicros: 0,
  unpricedAttempts: 0,
};

/** One cap while the jobs are gone through. */
class Meter {
  readonly cap: BudgetCap;
  readonly #spending: CapSpending;
  readonly #spent: Micros;
  #taken = 0;
  #refused = 0;
  #waiting = 0;

  constructor(cap: BudgetCap, spending: CapSpending) {
    this.cap = cap;
    this.#spending = spending;
    this.#spent = spending.billedMicros + spending.inFlightMicros + spending.atRiskMicros;
  }

  /** It counts an amount that nobody knows: what it leaves is not known either. */
  get countsUnknown(): boolean {
    return this.#spending.unpricedAttempts > 0;
  }

  allows(micros: Micros): boolean {
    return this.#spent + this.#taken + micros <= this.cap.micros;
  }

  take(micros: Micros): void {
    this.#taken += micros;
  }

  refuse(micros: Micros): void {
    this.#refused += micros;
    this.#waiting += 1;
  }

  snapshot(): CapSnapshot {
    const { cap } = this;
    const wanted = this.#spent + this.#taken + this.#refused;
    return {
      ...cap,
      ...this.#spending,
      spentMicros: this.#spent,
      leftMicros: Math.max(0, cap.micros - this.#spent),
      waitingJobs: this.#waiting,
      shortMicros: this.#waiting === 0 ? 0 : Math.max(0, wanted - cap.micros),
    };
  }
}

/** The part of a job that says what it waits for. */
export type MoneyWaiter = Pick<JobSnapshot, 'key' | 'waitsForMoney' | 'waitsForAmount' | 'reason' | 'mend'>;

/** That part of a job which no cap has room for, as far as anybody knows; `null` of others. */
export function moneyWaiter({ key, waitsForMoney, waitsForAmount, reason, mend }: JobSnapshot): MoneyWaiter | null {
  if (waitsForMoney) return { key, waitsForMoney, reason: null, mend: null };
  return waitsForAmount ? { key, waitsForAmount, reason, mend } : null;
}

/** Why the job is not bought, in plain words. */
export function waitWords({ neededMicros, caps, until }: MoneyWait): string {
  const have = caps.length === 1 ? 'has' : 'have';
  const room = until === undefined ? 'no room' : `no room before ${UNTIL[until]}`;
  return `waits for money: it needs $${formatUsd(neededMicros)}, for which ${caps.join(' and ')} ${have} ${room}`;
}

/** By the clock of the machine that has the state. */
const UNTIL = { day: 'midnight', month: 'the first of next month' } as const;

/** When a cap begins to count anew: `; it counts anew from midnight`; empty where it never does. */
export function countsAnewWords({ period }: BudgetCap): string {
  return period === 'day' || period === 'month' ? `; it counts anew from ${UNTIL[period]}` : '';
}

/** The same of a job as it stands: a finished one keeps its video, and waits to be made again. */
export function waitReason({ state, waitsForMoney }: Pick<JobSnapshot, 'state' | 'waitsForMoney'>): string | null {
  if (waitsForMoney === undefined) return null;
  return state === 'succeeded' ? `making it again ${waitWords(waitsForMoney)}` : waitWords(waitsForMoney);
}

/** What lets it be bought. @param manifest as its user would type it */
export function waitReasonMend(
  { state, waitsForMoney }: Pick<JobSnapshot, 'state' | 'waitsForMoney'>,
  manifest: string,
): string | null {
  if (waitsForMoney === undefined) return null;
  return waitMend(waitsForMoney, state === 'succeeded' ? `${manifest} --remake` : manifest);
}

/** What lets the job be bought. */
export function waitMend(wait: MoneyWait, manifest: string): string {
  const { caps } = wait;
  const written = caps.filter((name) => !name.startsWith('--') && name !== UNASKED_CAP);
  const again = `localize ${manifest}${caps.includes(UNASKED_CAP) ? ' --yes' : ''}`;
  if (written.length === 0) return again;
  return `raise ${written.join(' and ')} in ${firstShellWord(manifest)}${orWaitWords(wait)}, then: ${again}`;
}

/** The other way, where the caps begin to count anew: `, or wait for midnight`; empty where they never do. */
export function orWaitWords({ until }: Pick<MoneyWait, 'until'>): string {
  return until === undefined ? '' : `, or wait for ${UNTIL[until]}`;
}
