import {
  countJob,
  emptyTotals,
  type JobSnapshot,
  type JobTotals,
  type MoneyWaiter,
  moneyWaiter,
  type StreamedSnapshot,
} from '@localize/core';
import { type MoneyFigures, MoneySum, type SummaryView, summaryViewTally, type Tally } from '@localize/report';
import { jobCells } from './job-table.js';
import { widen } from './table.js';

/** What `status` says of its jobs together. */
export interface StatusSurvey {
  readonly summary: SummaryView;
  /** Jobs that no cap of the budget has room for, as far as anybody knows. */
  readonly waiting: readonly MoneyWaiter[];
  readonly labels: readonly LabelTotals[];
  /** Of the columns of their table. */
  readonly widths: readonly number[];
}

/** The jobs that have a label. */
export interface LabelTotals {
  /** `<label>=<value>` */
  readonly name: string;
  readonly totals: JobTotals;
  readonly money: MoneyFigures;
}

/** Goes through the jobs once. */
export function surveyStatus(snapshot: StreamedSnapshot): StatusSurvey {
  const summary = summaryViewTally(snapshot);
  const labels = new LabelsTally();
  const waiting: MoneyWaiter[] = [];
  const widths: number[] = [];
  for (const job of snapshot.jobs) {
    summary.add(job);
    labels.add(job);
    widen(widths, jobCells(job));
    const waiter = moneyWaiter(job);
    if (waiter) waiting.push(waiter);
  }
  return { summary: summary.result(), waiting, labels: labels.result(), widths };
}

/** In the order in which the labels first come up. */
class LabelsTally implements Tally<LabelTotals[]> {
  readonly #labels = new Map<string, { totals: ReturnType<typeof emptyTotals>; money: MoneySum }>();

  add(job: JobSnapshot): void {
    for (const [label, value] of Object.entries(job.labels)) {
      const name = `${label}=${value}`;
      const sums = this.#labels.get(name) ?? { totals: emptyTotals(), money: new MoneySum() };
      this.#labels.set(name, sums);
      countJob(sums.totals, job);
      sums.money.add(job);
    }
  }

  result(): LabelTotals[] {
    return Array.from(this.#labels, ([name, { totals, money }]) => ({ name, totals, money: money.result() }));
  }
}
