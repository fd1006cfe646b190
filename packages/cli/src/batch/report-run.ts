import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '@localize/core';
import { type SummaryView, summaryView } from '@localize/report';
import {
  amendReported,
  budgetFacts,
  factsBeside,
  machineTimeZone,
  makeReported,
  readReported,
  runsOf,
  type Store,
} from '@localize/runner';
import { type TotalsJson, totalsOf } from '../output/status-json.js';
import type { LoadedBatch } from './load-batch.js';
import { withTakenSnapshot } from './take-snapshot.js';
import {
  latestPage,
  REPORT_FILES,
  reportFolder,
  runPage,
  writeLaterReports,
  writeReports,
  writeRunPage,
} from './write-reports.js';

/** What a run has to say at its end. */
export interface ReportedRun {
  /** The latest page. Absolute. */
  readonly page: string;
  readonly summary: SummaryView;
  readonly totals: TotalsJson;
}

interface Remembered extends Omit<ReportedRun, 'page'> {
  /** All that the reports depend on besides the jobs. */
  readonly madeOf: string;
  /** The run that made them, and has a page of its own. */
  readonly runId: string;
  /** The files as they were left: `localize report` may have made them anew of a manifest that was edited and put back. */
  readonly stamps: readonly string[];
}

/** Of {@link Remembered}: raised when it changes. */
const SHAPE = 7;

interface Source {
  readonly batch: LoadedBatch;
  readonly runId: string;
  readonly cwd: string;
  readonly version: string;
  readonly nowMs: number;
}

/** More is not worth keeping: such a batch has much to say, and is about to change. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Writes the reports of a batch. When nothing that they show of its jobs has changed since, they learn of the run alone: to
 * make them anew would be most of the work of a run that finds everything done.
 */
export function reportRun(store: Store, source: Source): ReportedRun {
  const { runId, batch } = source;
  const { plan } = batch;
  const madeOf = factsOf(store, source);
  const known = readKnown(store, plan.batch);
  const page = latestPage(plan);
  if (known?.madeOf === madeOf && areAsLeft(plan, known)) {
    const summary = asOfLater(known.summary, source.nowMs);
    writeLaterReports(plan, { from: known.runId, to: runId, summary, runs: runsOf(store, plan.batch) });
    amendReported(store, plan.batch, JSON.stringify({ ...known, stamps: stampsOf(plan, known.runId) }));
    return { page, summary, totals: known.totals };
  }
  let made: Omit<ReportedRun, 'page'> | null = null;
  makeReported(store, plan.batch, () => {
    made = withTakenSnapshot(store, source, (snapshot) => {
      const { view, waiting } = writeReports(plan, snapshot, source.cwd);
      return { summary: summaryView(view), totals: totalsOf(view, snapshot, waiting) };
    });
    const text = JSON.stringify({ ...made, madeOf, runId, stamps: stampsOf(plan, runId) } satisfies Remembered);
    return text.length > MOST_CHARACTERS ? '' : text;
  });
  if (made === null) throw new Error('no report was made');
  return { page, ...(made as Omit<ReportedRun, 'page'>) };
}

/**
 * Leaves the page that a killed run could not leave itself, as long as the batch is as it left it: before the next run begins.
 * @throws LocalizeError DISK_FULL, OUTPUT_UNWRITABLE
 */
export function reportKilledRun(store: Store, source: Omit<Source, 'runId' | 'version'>): void {
  const { plan } = source.batch;
  const last = runsOf(store, plan.batch).at(-1);
  if (last?.endedWhy !== 'killed' || existsSync(runPage(plan, last.id))) return;
  withTakenSnapshot(store, source, (snapshot) => writeRunPage(plan, snapshot, source.cwd));
}

function areAsLeft(plan: Plan, { runId, stamps }: Remembered): boolean {
  const now = stampsOf(plan, runId);
  return !now.includes(NOT_THERE) && now.every((stamp, index) => stamp === stamps[index]);
}

const NOT_THERE = '';

/** Of the documents, and of the page of the run that made them. */
function stampsOf(plan: Plan, runId: string): string[] {
  const files = REPORT_FILES.map((name) => join(reportFolder(plan), name));
  return [...files, runPage(plan, runId)].map((path) => {
    const facts = statSync(path, { throwIfNoEntry: false });
    return facts === undefined ? NOT_THERE : `${facts.size} ${facts.mtimeMs}`;
  });
}

function readKnown(store: Store, batch: string): Remembered | null {
  const text = readReported(store, batch);
  return text === null ? null : (JSON.parse(text) as Remembered);
}

function factsOf(store: Store, { batch, cwd, version, nowMs }: Source): string {
  const { plan, again } = batch;
  const place = [cwd, plan.outputDir, machineTimeZone()];
  const own = [version, SHAPE, ...place, plan.batch, again, plan.emulate, plan.warnings];
  return JSON.stringify([...own, budgetFacts(store, plan, nowMs), factsBeside(store, plan.batch)]);
}

/** Another run has looked since, and found nothing to do. */
function asOfLater({ lastRun, ...summary }: SummaryView, takenAtMs: number): SummaryView {
  return { ...summary, takenAtMs, lastRun: lastRun && { ...lastRun, text: lastRun.textLater } };
}
