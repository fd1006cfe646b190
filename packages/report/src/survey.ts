import { type MoneyWaiter, moneyWaiter, type StreamedSnapshot } from '@localize/core';
import { MediaSourcesTally } from './html/media-sources.js';
import { plainStream } from './plain-snapshot.js';
import { LabelKeysTally } from './view-model/labels.js';
import { type ReportView, reportViewTally } from './view-model/report-view.js';
import { type RouteSpread, RouteSpreadTally } from './view-model/route-spread.js';

/** All that documents say of the jobs of a batch together. With it, each can be written job by job. */
export interface Survey {
  /** With plain prose; its jobs are what the documents are given. */
  readonly snapshot: StreamedSnapshot;
  readonly view: ReportView;
  /** Every label key that any job has, sorted. */
  readonly labels: readonly string[];
  readonly spread: readonly RouteSpread[];
  /** Jobs that no cap of the budget has room for, as far as anybody knows. */
  readonly waiting: readonly MoneyWaiter[];
  /** What `media-src` of the page allows. */
  readonly mediaSources: string;
}

/** Goes through the jobs once. */
export function surveySnapshot(given: StreamedSnapshot): Survey {
  const snapshot = plainStream(given);
  const view = reportViewTally(snapshot);
  const labels = new LabelKeysTally();
  const spread = new RouteSpreadTally();
  const sources = new MediaSourcesTally();
  const waiting: MoneyWaiter[] = [];
  for (const job of snapshot.jobs) {
    for (const tally of [view, labels, spread, sources]) tally.add(job);
    const waiter = moneyWaiter(job);
    if (waiter) waiting.push(waiter);
  }
  return {
    snapshot,
    view: view.result(),
    labels: labels.result(),
    spread: spread.result(),
    waiting,
    mediaSources: sources.result(),
  };
}
