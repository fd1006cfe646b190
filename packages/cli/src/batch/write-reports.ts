import { copyFileSync, existsSync, linkSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Plan, Snapshot, SnapshotFrame, StreamedSnapshot } from '@localize/core';
import {
  csvAttemptsDocument,
  csvJobsDocument,
  type HtmlOptions,
  htmlDocument,
  jsonDocument,
  renderHtml,
  renderMarkdownView,
  type Survey,
  surveySnapshot,
} from '@localize/report';
import { batchFolder, makeFolder } from '@localize/runner';
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
  const page = (path: string, also: readonly string[]): DocumentFile => {
    return { path, document: htmlDocument(survey, pageOptions(path, { plan, cwd, also })) };
  };
  const files = [
    ...(run === null ? [] : [page(runPage(plan, run), [])]),
    page(latestPage(plan), run === null ? [] : [run]),
    { path: join(folder, 'jobs.csv'), document: csvJobsDocument(survey) },
    { path: join(folder, 'attempts.csv'), document: csvAttemptsDocument(survey) },
    { path: join(folder, 'report.json'), document: jsonDocument(survey) },
  ];
  for (const left of [folder, join(folder, 'runs')]) removeStaleParts(left);
  writeDocuments(files, survey.snapshot.jobs);
  writeReportFile(join(folder, 'summary.md'), renderMarkdownView(survey.view));
  return survey;
}

/** The page that shows a batch as it was when its reports were last written. */
export function latestPage(plan: Plan): string {
  return join(reportFolder(plan), 'index.html');
}

/** The page that will lie at `page`: its links start there. */
export function renderPage(
  snapshot: Snapshot,
  page: string,
  { comparedWith, ...where }: { plan: Plan; cwd: string; comparedWith?: Snapshot | undefined },
): string {
  return renderHtml(snapshot, { ...pageOptions(page, where), ...(comparedWith ? { comparedWith } : {}) });
}

/** @param also runs whose pages are being written */
function pageOptions(
  page: string,
  { plan, cwd, also = [] }: { plan: Plan; cwd: string; also?: readonly string[] },
): HtmlOptions {
  const folder = dirname(page);
  // Paths in a snapshot start at the working directory, and links in the page at the page.
  return { mediaBase: slashed(relative(folder, cwd)) || '.', runPages: runPages(plan, folder, also) };
}

/** A run's page shows how it left the batch, so that nothing that happens later may change it. */
function runToKeep(plan: Plan, { runs }: SnapshotFrame): string | null {
  const run = runs.at(-1);
  if (run === undefined || run.endedAtMs === null) return null;
  return existsSync(runPage(plan, run.id)) ? null : run.id;
}

/** The page of a run that changed nothing: that of the run before, without a second copy where the disk can do that. */
export function keepSamePage(plan: Plan, { from, to }: { from: string; to: string }): void {
  const page = runPage(plan, to);
  try {
    try {
      linkSync(runPage(plan, from), page);
    } catch {
      copyFileSync(runPage(plan, from), page);
    }
  } catch (error) {
    throw unwritableReport(page, error);
  }
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
