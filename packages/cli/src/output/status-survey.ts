import { countJob, emptyTotals, type JobSnapshot, type JobTotals, type StreamedSnapshot } from '@localize/core';
import { type MoneyFigures, MoneySum, type SummaryView, summaryViewTally, type Tally } from '@localize/report';
import { jobCells } from './job-table.js';
import { widen } from './table.js';

/** What `status` says of its jobs together. */
export interface StatusSurvey {
  readonly summary: SummaryView;
  /** Jobs that no cap of the budget has room for. */
  readonly waiting: readonly MoneyWaiter[];
  readonly labels: readonly LabelTotals[];
  /** Of the columns of their table. */
  readonly widths: readonly number[];
}

/** The part of a job that says what it waits for. */
export type MoneyWaiter = Pick<JobSnapshot, 'key' | 'waitsForMoney'>;

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
    const { key, waitsForMoney } = job;
    if (waitsForMoney) waiting.push({ key, waitsForMoney });
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
