import { assertMicros, type Micros } from './money.js';

/** Where a price or a limit comes from, so that a reader can check it. */
export interface Source {
  /** `seed` is the provider's own page, `doc` its documentation, `client` its published code. */
  readonly kind: 'seed' | 'doc' | 'client' | 'third-party' | 'assumed' | 'manifest' | 'own-settings' | 'command';
  readonly text: string;
  /** ISO date of the reading. */
  readonly date: string;
}

/**
 * A route's price as data.
 *
 * - `per-second`: whole seconds, rounded up from milliseconds, at least `minimumSeconds` and at most `maximumSeconds`;
 *   in the end at least `minimumMicros`.
 * - `per-frame`: `frames / framesPerSecond` seconds, with a surcharge above a number of frames.
 * - `per-job`: one amount, whatever the length.
 * - `floor`: at least this much; the provider's reply says the real amount.
 * - `unknown`: nobody has published it.
 */
export type PriceFormula =
  | {
      readonly kind: 'per-second';
      /** Micro-dollars a second by resolution; `any` where the route has no resolution. */
      readonly microsPerSecond: Readonly<Record<string, Micros>>;
      readonly minimumSeconds: number;
      /** Seconds beyond it are not charged. */
      readonly maximumSeconds?: number | undefined;
      readonly minimumMicros?: Micros | undefined;
      readonly source: Source;
    }
  | {
      readonly kind: 'per-frame';
      readonly microsPerSecond: Micros;
      readonly framesPerSecond: number;
      readonly surcharge: { readonly aboveFrames: number; readonly numerator: number; readonly denominator: number };
      readonly source: Source;
    }
  | { readonly kind: 'per-job'; readonly micros: Micros; readonly source: Source }
  | { readonly kind: 'floor'; readonly micros: Micros; readonly source: Source }
  | { readonly kind: 'unknown'; readonly source: Source };

/** What is priced: the billed length and what the formula depends on besides it. */
export interface Priced {
  /** Length that the route bills, in integer milliseconds; for two voices see {@link billedMilliseconds}. */
  readonly billedMs: number | null;
  readonly resolution: string | null;
  readonly frames: number | null;
}

export interface Estimate {
  /** `null` when unknown. */
  readonly micros: Micros | null;
  /**
   * `exact`: the formula is the provider's own; `floor`: the bill may be higher; `seen`: only a floor is published, and
   * the figure is from the highest price a second that was billed so far; `unknown`: no figure at all.
   */
  readonly certainty: 'exact' | 'floor' | 'seen' | 'unknown';
  readonly billedSeconds: number | null;
}

const UNKNOWN: Estimate = { micros: null, certainty: 'unknown', billedSeconds: null };

/** Applies a price formula. Pure integer arithmetic: whole seconds are rounded up from milliseconds. */
export function estimatePrice(formula: PriceFormula, priced: Priced): Estimate {
  switch (formula.kind) {
    case 'unknown':
      return UNKNOWN;
    case 'per-job':
      return { micros: formula.micros, certainty: 'exact', billedSeconds: null };
    case 'floor':
      return { micros: formula.micros, certainty: 'floor', billedSeconds: null };
    case 'per-second': {
      const rate = formula.microsPerSecond[priced.resolution ?? 'any'] ?? formula.microsPerSecond.any;
      if (rate === undefined || priced.billedMs === null) return UNKNOWN;
      const { minimumSeconds, maximumSeconds = Number.POSITIVE_INFINITY, minimumMicros = 0 } = formula;
      const billedSeconds = Math.min(maximumSeconds, Math.max(minimumSeconds, dividedUp(priced.billedMs, 1000)));
      const micros = Math.max(minimumMicros, billedSeconds * rate);
      return { micros: assertMicros(micros), certainty: 'exact', billedSeconds };
    }
    case 'per-frame': {
      if (priced.frames === null) return UNKNOWN;
      const { surcharge } = formula;
      const surcharged = priced.frames > surcharge.aboveFrames;
      const numerator = priced.frames * formula.microsPerSecond * (surcharged ? surcharge.numerator : 1);
      const denominator = formula.framesPerSecond * (surcharged ? surcharge.denominator : 1);
      return {
        micros: assertMicros(dividedUp(numerator, denominator)),
        certainty: 'exact',
        billedSeconds: dividedUp(priced.frames, formula.framesPerSecond),
      };
    }
  }
}

/** The quotient of two whole numbers, rounded up without a fraction on the way. */
function dividedUp(dividend: number, divisor: number): number {
  const rest = dividend % divisor;
  return (dividend - rest) / divisor + (rest > 0 ? 1 : 0);
}

const CENT = 10_000;

/**
 * What a job may cost on a route that has only a floor price, from the highest price a second that was seen there:
 * whole seconds and whole cents, rounded up, so that a bill in proportion to the length never passes it.
 * @param microsPerSecond of a bill over its exact length.
 */
export function estimateFromSeen(floorMicros: Micros, microsPerSecond: Micros, durationMs: number): Micros {
  const micros = dividedUp(durationMs, 1000) * microsPerSecond;
  return assertMicros(Math.max(floorMicros, dividedUp(micros, CENT) * CENT));
}

/**
 * What is to be expected of a job: its estimate, and in place of a bare floor what was billed a second before.
 * @param microsPerSecond the highest that was seen on the route; `null`: none was.
 */
export function expectedEstimate(
  estimate: Estimate,
  microsPerSecond: Micros | null,
  durationMs: number | null,
): Estimate {
  const { micros, certainty } = estimate;
  if (certainty !== 'floor' || micros === null || microsPerSecond === null || durationMs === null) return estimate;
  return { ...estimate, micros: estimateFromSeen(micros, microsPerSecond, durationMs), certainty: 'seen' };
}

/** A bill, and what the route's own price says of what was billed. */
export interface BillSeen {
  readonly billedMicros: Micros;
  readonly estimateMicros: Micros;
}

/**
 * What a job may cost whose route has billed another by more than its price says: as many times its own estimate, on
 * whichever basis that is; in whole cents, rounded up. Never less than the estimate, nor beyond a million dollars for it.
 */
export function estimateFromBill(micros: Micros, { billedMicros, estimateMicros }: BillSeen): Micros {
  if (estimateMicros === 0) return Math.max(micros, billedMicros);
  const cents = BigInt(estimateMicros) * BigInt(CENT);
  const seen = Number((BigInt(micros) * BigInt(billedMicros) + cents - 1n) / cents) * CENT;
  return assertMicros(Math.max(micros, Math.min(seen, MOST_EXPECTED)));
}

/** A million dollars: more than any cap, and a sum of thousands of them is still exact. */
const MOST_EXPECTED = 10 ** 12;

/** Whether a bill is more times its estimate than another. */
export function isBillHigher(bill: BillSeen, than: BillSeen): boolean {
  const [own, other] = [
    BigInt(bill.billedMicros) * BigInt(than.estimateMicros),
    BigInt(than.billedMicros) * BigInt(bill.estimateMicros),
  ];
  return own === other ? bill.billedMicros > than.billedMicros : own > other;
}

/** A bill's price a second of exact length, rounded up. */
export function seenMicrosPerSecond(billedMicros: Micros, durationMs: number): Micros {
  return assertMicros(dividedUp(billedMicros * 1000, durationMs));
}

export type SpeakingOrder = 'meanwhile' | 'left_right' | 'right_left';

/**
 * The length that a two-voice route bills: the longer voice when both speak at once, the sum of the two, each rounded
 * up to whole seconds, when they speak in turn [page wavespeed multi; rounding of each voice: client source wsmcp].
 */
export function billedMilliseconds(order: SpeakingOrder, leftMs: number, rightMs: number): number {
  const [left, right] = [dividedUp(leftMs, 1000), dividedUp(rightMs, 1000)];
  return (order === 'meanwhile' ? Math.max(left, right) : left + right) * 1000;
}
