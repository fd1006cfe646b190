import { copyFileSync, existsSync, linkSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LocalizeError, type Plan, type Snapshot } from '@localize/core';
import { renderCsvAttempts, renderCsvJobs, renderHtml, renderJson, renderMarkdown } from '@localize/report';
import { batchFolder, makeFolder } from '@localize/runner';

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

/** Writes the reports of a batch into its `report` folder. @returns the latest page. */
export function writeReports(plan: Plan, snapshot: Snapshot, cwd: string): string {
  const folder = reportFolder(plan);
  keepRunPage(plan, snapshot, cwd);
  const page = join(folder, 'index.html');
  writeReportFile(page, renderPage(snapshot, page, { plan, cwd }));
  writeReportFile(join(folder, 'jobs.csv'), renderCsvJobs(snapshot));
  writeReportFile(join(folder, 'attempts.csv'), renderCsvAttempts(snapshot));
  writeReportFile(join(folder, 'report.json'), renderJson(snapshot));
  writeReportFile(join(folder, 'summary.md'), renderMarkdown(snapshot));
  return page;
}

/** The page that will lie at `page`: its links start there. */
export function renderPage(
  snapshot: Snapshot,
  page: string,
  { plan, cwd, comparedWith }: { plan: Plan; cwd: string; comparedWith?: Snapshot | undefined },
): string {
  const folder = dirname(page);
  return renderHtml(snapshot, {
    // Paths in a snapshot start at the working directory, and links in the page at the page.
    mediaBase: slashed(relative(folder, cwd)) || '.',
    runPages: runPages(plan, folder),
    ...(comparedWith ? { comparedWith } : {}),
  });
}

/** A run's page shows how it left the batch, so that nothing that happens later may change it. */
function keepRunPage(plan: Plan, snapshot: Snapshot, cwd: string): void {
  const run = snapshot.runs.at(-1);
  if (run === undefined || run.endedAtMs === null) return;
  const page = runPage(plan, run.id);
  if (!existsSync(page)) writeReportFile(page, renderPage(snapshot, page, { plan, cwd }));
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

function runPages(plan: Plan, folder: string): Record<string, string> {
  const runs = join(reportFolder(plan), 'runs');
  const names = existsSync(runs) ? readdirSync(runs).filter((name) => name.endsWith('.html')) : [];
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

export function unwritableReport(path: string, cause: unknown): LocalizeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new LocalizeError(isFull ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE', `no report at ${path}: ${message}`, {
    hint: 'the batch itself is saved; localize report writes the report again',
    cause,
  });
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
