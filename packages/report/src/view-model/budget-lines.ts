import {
  type BudgetCap,
  type CapSnapshot,
  covers,
  type JobSnapshot,
  type Micros,
  plainText,
  type RouteId,
  type Snapshot,
} from '@localize/core';
import { formatCount, formatMoney, formatNeeded } from './format.js';

/** One cap of the budget, ready to be laid out. */
export interface BudgetLine {
  /** Where the user set it: `budget.max_usd`. */
  readonly name: string;
  /** `the whole batch`, `fal, a day`. */
  readonly scope: string;
  readonly cap: string;
  readonly spent: string;
  /** `$3.00`; `at most $3.00` where an amount that nobody knows counts too. */
  readonly left: string;
  /** What was spent, when it is not all billed: `$10.68 billed, $1.45 reserved`; else `null`. */
  readonly parts: string | null;
  /** Jobs that it keeps from being bought, and what they lack; `null` where it keeps none. */
  readonly waiting: string | null;
  /** Parts of the cap, from 0 to 1. */
  readonly billedShare: number;
  readonly reservedShare: number;
  readonly tone: 'calm' | 'near' | 'full';
}

const NEAR = 0.9;

/** Every cap in force. */
export function budgetLines({ budget = [] }: Pick<Snapshot, 'budget'>): BudgetLine[] {
  return budget.map(budgetLine);
}

function budgetLine(cap: CapSnapshot): BudgetLine {
  const { micros, billedMicros, spentMicros } = cap;
  const share = (part: number) => Math.min(1, part / Math.max(1, micros));
  return {
    name: plainText(cap.name),
    scope: scopeWords(cap),
    cap: formatMoney(micros),
    spent: `${formatMoney(spentMicros)}${unpricedWords(cap)}`,
    left: `${cap.unpricedAttempts > 0 ? 'at most ' : ''}${formatMoney(cap.leftMicros)}`,
    parts: spentMicros === billedMicros ? null : partsWords(cap),
    waiting: cap.waitingJobs === 0 ? null : waitingWords(cap),
    billedShare: share(billedMicros),
    reservedShare: share(spentMicros) - share(billedMicros),
    tone: toneOf(cap),
  };
}

/** What buying some jobs again would take of each cap that counts them. */
export class RoomTally {
  readonly #caps: { readonly cap: CapSnapshot; micros: Micros }[];

  constructor({ budget = [] }: Pick<Snapshot, 'budget'>) {
    this.#caps = budget.map((cap) => ({ cap, micros: 0 }));
  }

  /** @param route it would be bought on that @param micros what that costs; `null`: nobody knows */
  add({ language, labels }: JobSnapshot, route: RouteId | null, micros: Micros | null): void {
    const provider = route?.split('/')[0] ?? '';
    for (const each of this.#caps) if (covers(each.cap, { provider, language, labels })) each.micros += micros ?? 0;
  }

  /**
   * `; budget.max_usd leaves $0.10 for it`, `; budget.languages.de leaves $0.10 of the $0.15 that it counts of it`: which
   * caps have no room for them; empty where all have.
   */
  words(): string {
    const full = this.#caps.filter(({ cap, micros }) => cap.leftMicros < micros);
    return full.map(({ cap, micros }) => `; ${plainText(cap.name)} leaves ${leftWords(cap, micros)}`).join('');
  }
}

function leftWords({ scope, leftMicros, unpricedAttempts }: CapSnapshot, micros: Micros): string {
  const left = `${unpricedAttempts > 0 ? 'at most ' : ''}${formatMoney(leftMicros)}`;
  return scope.kind === 'all' ? `${left} for it` : `${left} of the ${formatMoney(micros)} that it counts of it`;
}

/** What is in flight or at risk may come dearer than its estimate, which the margin is for. */
function partsWords({ billedMicros, spentMicros }: CapSnapshot): string {
  const reserved = formatMoney(spentMicros - billedMicros);
  return `${formatMoney(billedMicros)} billed, ${reserved} reserved for what is in flight or at risk, with the budget’s margin`;
}

/** Nothing can be bought under it until there is a price. */
function unpricedWords({ unpricedAttempts }: CapSnapshot): string {
  return unpricedAttempts === 0 ? '' : ` and ${formatCount(unpricedAttempts, 'unknown amount')}`;
}

function toneOf({ micros, spentMicros, waitingJobs }: CapSnapshot): BudgetLine['tone'] {
  if (waitingJobs > 0 || spentMicros >= micros) return 'full';
  return spentMicros >= micros * NEAR ? 'near' : 'calm';
}

function waitingWords({ waitingJobs, shortMicros, unpricedAttempts }: CapSnapshot): string {
  const short = `${unpricedAttempts > 0 ? 'at least ' : ''}${formatNeeded(shortMicros)} short`;
  return `${formatCount(waitingJobs, 'job')} ${waitingJobs === 1 ? 'waits' : 'wait'} for it: ${short}`;
}

const PERIODS: Readonly<Record<BudgetCap['period'], string>> = {
  batch: '',
  day: ', a day',
  month: ', a month',
  run: ', a run',
};

/** Whose money a cap counts, and over which time. */
function scopeWords({ scope, period }: BudgetCap): string {
  return `${whose(scope, period)}${PERIODS[period]}`;
}

function whose(scope: BudgetCap['scope'], period: BudgetCap['period']): string {
  switch (scope.kind) {
    case 'all':
      return period === 'batch' || period === 'run' ? 'the whole batch' : 'all batches of this state';
    case 'provider':
      return plainText(scope.provider);
    case 'language':
      return plainText(scope.language);
    case 'label':
      return plainText(`${scope.label}: ${scope.value}`);
  }
}
