import type { Micros } from '@localize/core';
import type { CostPerMinute } from './cost-per-minute.js';
import { formatCount, formatMoney } from './format.js';
import { knownBilled, knownEstimated, type MoneyFigures } from './money-figures.js';

const AT_LEAST = 'at least';

/** One amount with the words that every document uses for it. */
export interface MoneyLine {
  readonly id:
    | 'billed'
    | 'estimated'
    | 'per-minute'
    | 'in-flight'
    | 'at-risk'
    | 'failed'
    | 'lost'
    | 'not-charged'
    | 'unpriced';
  readonly name: string;
  /** `$1.20`, `at least $1.20`, or `unknown`. */
  readonly amount: string;
  /** The amount as a figure by itself, with its bound apart. */
  readonly figure: string;
  readonly bound: 'at least' | null;
  readonly note: string | null;
  /** Asks for a look. */
  readonly alarming: boolean;
}

/** The part of the view that the lines are made of. */
export interface MoneyView {
  readonly money: MoneyFigures;
  readonly perFinishedMinute: CostPerMinute | null;
  /** Of the jobs that are finished: what they were estimated at, and what was billed beyond it. */
  readonly finished: FinishedMoney;
}

export interface FinishedMoney {
  readonly estimatedMicros: Micros;
  /** `null` while a part of it is unknown. */
  readonly overMicros: Micros | null;
  /** Billed for videos that were made again, which somebody agreed to: an estimate is of one making. */
  readonly remadeMicros: Micros;
  /** Videos that were taken over: free, and no part of what a finished minute cost. */
  readonly takenVideos: number;
}

/** The money of a batch, in the order in which people ask: billed and estimate always, the others when there are any. */
export function moneyLines(view: MoneyView): MoneyLine[] {
  const { money, perFinishedMinute: perMinute } = view;
  return [
    { ...line('billed', 'Billed', billedText(money)), note: billedNote(money) },
    { ...line('estimated', 'Estimated', estimatedText(money)), note: estimateNote(view) },
    ...when(money.inFlightMicros, 'in-flight', 'In flight', 'reserved for work that is under way'),
    ...when(money.atRiskMicros, 'at-risk', 'At risk', riskNote(money), true),
    ...when(money.chargedButFailedMicros, 'failed', 'Charged but failed', 'part of billed', true),
    ...when(money.lostMicros, 'lost', 'Charged and lost', 'part of billed; the results are gone', true),
    ...notChargedLine(money),
    ...unpricedLine(money),
    {
      ...line('per-minute', 'A finished minute', perMinuteText(perMinute)),
      note: perMinute === null ? null : minuteNote(view.finished),
    },
  ];
}

function minuteNote({ takenVideos }: FinishedMoney): string {
  const free = takenVideos === 0 ? '' : `, ${formatCount(takenVideos, 'video')} left out that came for free`;
  return `all that was billed over what came out${free}`;
}

/** `$1.20`, `at least $1.20`, or `unknown`. */
export function billedText(money: MoneyFigures): string {
  return amountText(knownBilled(money), money.unpricedAttempts > 0);
}

/** `$1.20`, `at least $1.20`, or `unknown`. */
export function estimatedText(money: MoneyFigures): string {
  return amountText(knownEstimated(money), money.jobsWithoutEstimate > 0);
}

function amountText(known: Micros | null, isPart: boolean): string {
  return known !== null && isPart ? `${AT_LEAST} ${formatMoney(known)}` : formatMoney(known);
}

/** `$2.41 a minute`, or that nobody can tell. */
export function perMinuteText(cost: CostPerMinute | null): string {
  if (cost === null) return '–';
  return `${cost.atLeast ? `${AT_LEAST} ` : ''}${formatMoney(cost.micros)}`;
}

function billedNote(money: MoneyFigures): string | null {
  const { billedMicros, billedByFormulaMicros: byFormula } = money;
  if (byFormula === 0) return null;
  if (byFormula === billedMicros) return 'by the price list';
  return `${formatMoney(byFormula)} of it by the price list, the rest by the provider’s word`;
}

/** The estimate is of all jobs, so that only the part for what is finished compares with what that cost. */
function estimateNote({ money, finished }: MoneyView): string | null {
  if (money.jobsWithoutEstimate > 0) return `${formatCount(money.jobsWithoutEstimate, 'job')} without a known price`;
  const { estimatedMicros, overMicros: over, remadeMicros: remade } = finished;
  if (over === null) return null;
  const again = remade > 0 ? `, with ${formatMoney(remade)} for videos made again, as was agreed` : '';
  const difference = `${formatMoney(Math.abs(over))} ${over > 0 ? 'more' : 'less'}${again}`;
  if (estimatedMicros === money.estimatedMicros) return over === 0 ? 'it cost just that' : `it cost ${difference}`;
  const part = `${formatMoney(estimatedMicros)} of it for what is finished`;
  return over === 0 ? `${part}, which cost just that` : `${part}, which cost ${difference}`;
}

function riskNote(money: MoneyFigures): string {
  return `by estimate: ${formatCount(money.atRiskAttempts, 'attempt')} without a bill`;
}

function notChargedLine(money: MoneyFigures): MoneyLine[] {
  if (money.notChargedAttempts === 0) return [];
  const note = `${formatCount(money.notChargedAttempts, 'attempt')} refused, or failed without a bill`;
  return [{ ...line('not-charged', 'Not charged', notChargedText(money)), note }];
}

/** `$0.15`, `at least $0.15` where it is not known of all attempts, or `unknown`. */
export function notChargedText({ notChargedMicros: micros, notChargedUnknown: unknown }: MoneyFigures): string {
  return amountText(unknown > 0 && micros === 0 ? null : micros, unknown > 0);
}

function unpricedLine(money: MoneyFigures): MoneyLine[] {
  if (money.unpricedAttempts === 0) return [];
  const note = `${formatCount(money.unpricedAttempts, 'attempt')} whose price nobody has told`;
  return [{ ...line('unpriced', 'Unknown', formatMoney(null)), note, alarming: true }];
}

function when(micros: Micros, id: MoneyLine['id'], name: string, note: string, alarming = false): MoneyLine[] {
  return micros === 0 ? [] : [{ ...line(id, name, formatMoney(micros)), note, alarming }];
}

function line(id: MoneyLine['id'], name: string, amount: string): MoneyLine {
  const bound = amount.startsWith(AT_LEAST) ? AT_LEAST : null;
  const figure = bound === null ? amount : amount.slice(AT_LEAST.length + 1);
  return { id, name, amount, figure, bound, note: null, alarming: false };
}
