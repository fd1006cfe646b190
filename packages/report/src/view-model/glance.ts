import type { BudgetLine } from './budget-lines.js';
import { changedWords } from './changed-videos.js';
import { formatCount, formatMoney, formatNumber } from './format.js';
import { billedText, estimatedText, moneyLines } from './money-lines.js';
import type { PageView } from './report-view.js';

/** One answer in a few words: the figure, then what belongs to it. */
export interface Glance {
  readonly figure: string;
  readonly notes: readonly string[];
}

export interface ToDoGlance extends Glance {
  /** Jobs, keys and disputes that nothing but a person mends. */
  readonly forPerson: number;
  /** There is something to read about it. */
  readonly isAny: boolean;
}

/**
 * `$3.87 billed`; `estimated $5.29 for making each video once`, `it cost $1.42 less`, `$0.40 at risk`. More than the estimate
 * is no overrun where videos were made again, so that what the difference is stands beside it.
 */
export function costGlance(view: PageView): Glance {
  const { money } = view;
  const difference = moneyLines(view).find(({ id }) => id === 'estimated')?.note ?? null;
  const also = [
    ...(money.inFlightMicros > 0 ? [`${formatMoney(money.inFlightMicros)} in flight`] : []),
    ...(money.atRiskMicros > 0 ? [`${formatMoney(money.atRiskMicros)} at risk`] : []),
  ];
  return {
    figure: `${billedText(money)} billed`,
    notes: [
      `estimated ${estimatedText(money)} for making each video once`,
      ...(difference === null ? [] : [difference]),
      ...(also.length > 0 ? [also.join(', ')] : []),
    ],
  };
}

/** `$16.13 of $20.00 left (budget.max_usd)`, of the cap that is used up most; none without a budget. */
export function budgetGlance({ budget }: PageView): string[] {
  const used = ({ billedShare, reservedShare }: BudgetLine) => billedShare + reservedShare;
  const [tightest] = [...budget].sort((a, b) => used(b) - used(a));
  return tightest ? [`${tightest.left} of ${tightest.cap} left (${tightest.name})`] : [];
}

/** `4 need a person`; `2 more are looked at again by the next run`. */
export function toDoGlance({ attention, totals, changed, left }: PageView): ToDoGlance {
  const forPerson = itemsOf(attention.groups) + itemsOf(attention.reviews) + attention.closedLanes.length;
  const forNextRun = itemsOf(attention.forNextRun);
  const underWay = totals.running + totals.pending - attention.waiting;
  const differ = changed === null ? [] : [changedWords(changed.all)];
  const underWayNote = underWay > 0 ? [`${formatCount(underWay, 'video')} under way or waiting`] : [];
  const notes = [
    ...(forPerson > 0 ? differ : []),
    ...(forNextRun > 0 ? [`${formatCount(forNextRun, 'job')} that the next run looks at again by itself`] : []),
    ...(left === null ? underWayNote : [`${left.text}; to go on: ${left.command}`]),
  ];
  const leftOver = left === null ? [] : [`${formatCount(left.count, 'video')} left`];
  const [figure = needWords(forPerson)] = forPerson > 0 ? [] : [...differ, ...leftOver];
  return { figure, notes, forPerson, isAny: forPerson + forNextRun + differ.length + leftOver.length > 0 };
}

function needWords(count: number): string {
  if (count === 0) return 'Nothing needs a person';
  return `${formatNumber(count)} ${count === 1 ? 'needs' : 'need'} a person`;
}

function itemsOf(groups: readonly { readonly items: readonly unknown[] }[]): number {
  return groups.reduce((sum, { items }) => sum + items.length, 0);
}
