import type { AttemptState } from '../lifecycle/transitions.js';
import { formatUsd, type Micros } from '../money/money.js';
import type { AttemptSnapshot } from './snapshot.js';

type OpenAttempt = Pick<AttemptSnapshot, 'state' | 'billedMicros' | Expected>;

type Expected = 'quotedMicros' | 'expectedMicros' | 'estimateMicros';

/** What an attempt counts at until it is billed: the provider's word before what was learned since, and that before its estimate. */
export function expectedCost({
  quotedMicros,
  expectedMicros,
  estimateMicros,
}: Pick<AttemptSnapshot, Expected>): Micros | null {
  return quotedMicros ?? expectedMicros ?? estimateMicros;
}

/**
 * What a job's attempts may still be billed, as its reason ends: ` ($0.20 in flight, $0.40 at risk)`; empty when nothing is
 * open.
 */
export function openMoneyWords(attempts: readonly OpenAttempt[]): string {
  const words = [...amountWords(attempts, UNDER_WAY, 'in flight'), ...amountWords(attempts, IN_DOUBT, 'at risk')];
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function amountWords(attempts: readonly OpenAttempt[], states: readonly AttemptState[], what: string): string[] {
  const open = attempts.filter(({ state, billedMicros }) => states.includes(state) && billedMicros === null);
  if (open.length === 0) return [];
  const amounts = open.map(expectedCost);
  const known = amounts.reduce<number>((sum, micros) => sum + (micros ?? 0), 0);
  return [amounts.includes(null) ? `an unknown amount ${what}` : `$${formatUsd(known)} ${what}`];
}

/** As all figures of a report count them. */
const UNDER_WAY: readonly AttemptState[] = ['intended', 'accepted'];
const IN_DOUBT: readonly AttemptState[] = ['uncertain', 'abandoned'];
