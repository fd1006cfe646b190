import type { ProviderId } from '../provider/route.js';
import type { Micros } from './money.js';
import type { Estimate } from './price.js';

/** Whose money a cap counts. */
export type BudgetScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'provider'; readonly provider: ProviderId }
  | { readonly kind: 'language'; readonly language: string }
  | { readonly kind: 'label'; readonly label: string; readonly value: string };

/**
 * What a cap counts over: the batch's whole life, the local calendar day or month of all batches of the state, or the
 * new spending of one run.
 */
export type BudgetPeriod = 'batch' | 'day' | 'month' | 'run';

/** An amount that billed, in flight and at risk together must never pass. */
export interface BudgetCap {
  /** Where the user set it, such as `budget.languages.de.max_usd` or `--max-usd`; or {@link UNASKED_CAP}. */
  readonly name: string;
  readonly scope: BudgetScope;
  readonly period: BudgetPeriod;
  readonly micros: Micros;
}

/** Name of the cap on what a run newly spends without the user's word for more. */
export const UNASKED_CAP = 'the limit without --yes';

/** Whether the user has set the cap: only under one of those does a bill above its reservation close a route. */
export function isUserSet({ name }: BudgetCap): boolean {
  return name !== UNASKED_CAP;
}

/**
 * Why caps that count a job keep it from being bought at such a price: no cap can be kept at one that nobody knows, and
 * without a yes to any amount nothing is bought at one of which only a minimum is known. `null`: they do not.
 */
export function unknownUnder(
  caps: readonly BudgetCap[],
  { certainty }: Pick<Estimate, 'certainty'>,
): 'capped' | 'unagreed' | null {
  if (certainty === 'unknown' && caps.some(isUserSet)) return 'capped';
  return (certainty === 'unknown' || certainty === 'floor') && !caps.every(isUserSet) ? 'unagreed' : null;
}

/** What a budget's caps tell jobs apart by. */
export interface Spender {
  readonly provider: ProviderId | null;
  /** Canonical tag. */
  readonly language: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether a job that is bought at that provider counts against the cap. */
export function covers({ scope }: BudgetCap, { provider, language, labels }: Spender): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'provider':
      return scope.provider === provider;
    case 'language':
      return scope.language === language;
    case 'label':
      return Object.hasOwn(labels, scope.label) && labels[scope.label] === scope.value;
  }
}

/** An estimate with the budget's margin on top, rounded up to a micro-dollar. */
export function withMargin(micros: Micros, marginPercent: number): Micros {
  // Thousandths of a per cent as integers keep binary fractions out of the money.
  const thousandths = Math.round(marginPercent * 1000);
  return micros + Number((BigInt(micros) * BigInt(thousandths) + 99_999n) / 100_000n);
}
