import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Plan, RunSnapshot, Snapshot, SnapshotFrame, StreamedSnapshot } from '@localize/core';
import {
  csvAttemptsDocument,
  csvJobsDocument,
  type HtmlOptions,
  htmlDocument,
  jsonDocument,
  laterJson,
  laterPage,
  renderHtml,
  renderMarkdownView,
  type SummaryView,
  type Survey,
  surveySnapshot,
} from '@localize/report';
import { batchFolder, makeFolder } from '@localize/runner';
import { laterDocument } from './later-document.js';
import { type DocumentFile, removeStaleParts, unwritableReport, writeDocuments } from './write-documents.js';

/** Where the reports of a batch lie. */
export function reportFolder(plan: Plan): string {
  return join(batchFolder(plan), 'report');
}

/** The page that a run leaves when it ends; later runs leave it alone. */
export function runPage(plan: Plan, runId: string): string {
  return join(reportFolder(plan), 'runs', `${runId}.html`);
}

/** What {@link writeReports} leaves in that folder. */
export const REPORT_FILES = ['index.html', 'jobs.csv', 'attempts.csv', 'report.json', 'summary.md'];

/** Writes the reports of a batch into its `report` folder, going twice through its jobs. @returns what they say of all. */
export function writeReports(plan: Plan, snapshot: StreamedSnapshot, cwd: string): Survey {
  const folder = reportFolder(plan);
  const survey = surveySnapshot(snapshot);
  const run = runToKeep(plan, snapshot);
  const also = run === null ? [] : [run];
  const latest = latestPage(plan);
  const files = [
    ...also.map((id) => runPageFile(survey, id, { plan, cwd })),
    { path: latest, document: htmlDocument(survey, pageOptions(latest, { plan, cwd, also })) },
    { path: join(folder, 'jobs.csv'), document: csvJobsDocument(survey) },
    { path: join(folder, 'attempts.csv'), document: csvAttemptsDocument(survey) },
    { path: join(folder, 'report.json'), document: jsonDocument(survey) },
  ];
  for (const left of [folder, join(folder, 'runs')]) removeStaleParts(left);
  writeDocuments(files, survey.snapshot.jobs);
  writeReportFile(join(folder, 'summary.md'), renderMarkdownView(survey.view));
  return survey;
}

/** Writes the page of the last run alone, if it has none. */
export function writeRunPage(plan: Plan, snapshot: StreamedSnapshot, cwd: string): void {
  const run = runToKeep(plan, snapshot);
  if (run === null) return;
  const survey = surveySnapshot(snapshot);
  writeDocuments([runPageFile(survey, run, { plan, cwd })], survey.snapshot.jobs);
}

function runPageFile(survey: Survey, run: string, where: { plan: Plan; cwd: string }): DocumentFile {
  const path = runPage(where.plan, run);
  return { path, document: htmlDocument(survey, pageOptions(path, { ...where, also: [run], ownRun: run })) };
}

/** The page that shows a batch as it was when its reports were last written. */
export function latestPage(plan: Plan): string {
  return join(reportFolder(plan), 'index.html');
}

/** The page that will lie at `page`: its links start there. */
export function renderPage(
  snapshot: Snapshot,
  page: string,
  { comparedWith, ...where }: PagePlace & { readonly cwd: string; readonly comparedWith?: Snapshot | undefined },
): string {
  return renderHtml(snapshot, { ...pageOptions(page, where), ...(comparedWith ? { comparedWith } : {}) });
}

interface PagePlace {
  readonly plan: Plan;
  /** Runs whose pages are being written. */
  readonly also?: readonly string[];
  /** The run that left the batch as the page shows it. */
  readonly ownRun?: string | null;
}

function pageOptions(page: string, { cwd, ...place }: PagePlace & { readonly cwd: string }): HtmlOptions {
  // Paths in a snapshot start at the working directory, and links in the page at the page.
  return { mediaBase: slashed(relative(dirname(page), cwd)) || '.', ...pageLinks(page, place) };
}

/** To the other pages of a batch. */
function pageLinks(page: string, { plan, also = [], ownRun = null }: PagePlace) {
  const folder = dirname(page);
  return {
    runPages: runPages(plan, folder, also),
    ownRun: ownRun === null ? null : { id: ownRun, latestPage: slashed(relative(folder, latestPage(plan))) },
  };
}

/** A run's page shows how it left the batch, so that nothing that happens later may change it. */
function runToKeep(plan: Plan, { runs }: SnapshotFrame): string | null {
  const run = runs.at(-1);
  if (run === undefined || run.endedAtMs === null) return null;
  return existsSync(runPage(plan, run.id)) ? null : run.id;
}

/**
 * Writes the reports after a run that changed no job: they are those that the run before left, but for what they say of
 * runs. The tables of jobs and attempts say nothing of those.
 */
export function writeLaterReports(
  plan: Plan,
  { from, to, summary, ...facts }: { from: string; to: string; summary: SummaryView; runs: readonly RunSnapshot[] },
): void {
  const { takenAtMs } = summary;
  const page = (path: string, former: string, ownRun: string | null): DocumentFile => {
    const later = { ...facts, takenAtMs, ...pageLinks(path, { plan, also: [to], ownRun }) };
    return { path, document: laterDocument(former, (beginning) => laterPage(beginning, later)) };
  };
  const json = join(reportFolder(plan), 'report.json');
  const files = [
    page(runPage(plan, to), runPage(plan, from), to),
    page(latestPage(plan), latestPage(plan), null),
    { path: json, document: laterDocument(json, (beginning) => laterJson(beginning, { ...facts, takenAtMs })) },
  ];
  writeDocuments(files, []);
  writeReportFile(join(reportFolder(plan), 'summary.md'), renderMarkdownView(summary));
}

function runPages(plan: Plan, folder: string, also: readonly string[]): Record<string, string> {
  const runs = join(reportFolder(plan), 'runs');
  const there = existsSync(runs) ? readdirSync(runs).filter((name) => name.endsWith('.html')) : [];
  const names = [...there, ...also.map((id) => `${id}.html`)].sort();
  const base = slashed(relative(folder, runs)) || '.';
  return Object.fromEntries(names.map((name) => [name.slice(0, -'.html'.length), `${base}/${name}`]));
}

/** @throws LocalizeError DISK_FULL, OUTPUT_UNWRITABLE */
export function writeReportFile(path: string, text: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, text);
  } catch (error) {
    throw unwritableReport(path, error);
  }
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
