import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LocalizeError, type Plan, type Snapshot } from '@localize/core';
import { renderCsvAttempts, renderCsvJobs, renderHtml, renderJson, renderMarkdown } from '@localize/report';
import { batchFolder } from '@localize/runner';

/** Writes the reports of a batch into its `report` folder. @returns the page. */
export function writeReports(plan: Plan, snapshot: Snapshot, cwd: string): string {
  const folder = join(batchFolder(plan), 'report');
  // Paths in a snapshot start at the working directory, and links in the page at the page.
  const mediaBase = relative(folder, cwd).replaceAll('\\', '/');
  const files = {
    'index.html': renderHtml(snapshot, { mediaBase }),
    'jobs.csv': renderCsvJobs(snapshot),
    'attempts.csv': renderCsvAttempts(snapshot),
    'report.json': renderJson(snapshot),
    'summary.md': renderMarkdown(snapshot),
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  } catch (error) {
    throw unwritable(folder, error);
  }
  return join(folder, 'index.html');
}

function unwritable(folder: string, cause: unknown): LocalizeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new LocalizeError(isFull ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE', `no report in ${folder}: ${message}`, {
    hint: 'the batch itself is saved; localize report writes the report again',
    cause,
  });
}
