import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plan, Snapshot } from '@localize/core';
import { renderCsvAttempts, renderCsvJobs, renderHtml, renderJson, renderMarkdown } from '@localize/report';
import { batchFolder } from '@localize/runner';

/** Writes the reports of a batch into its `report` folder. @returns the page. */
export function writeReports(plan: Plan, snapshot: Snapshot, cwd: string): string {
  const folder = join(batchFolder(plan), 'report');
  mkdirSync(folder, { recursive: true });
  // Paths in a snapshot start at the working directory, and links in the page at the page.
  const mediaBase = relative(folder, cwd).replaceAll('\\', '/');
  const files = {
    'index.html': renderHtml(snapshot, { mediaBase }),
    'jobs.csv': renderCsvJobs(snapshot),
    'attempts.csv': renderCsvAttempts(snapshot),
    'report.json': renderJson(snapshot),
    'summary.md': renderMarkdown(snapshot),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, 'index.html');
}
