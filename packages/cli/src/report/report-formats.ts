import { LocalizeError, type Snapshot } from '@localize/core';
import { renderCsvAttempts, renderCsvJobs, renderJson, renderMarkdown, renderSummary } from '@localize/report';

/** Documents that are one text; the page is not among them, since its links depend on where it lies. */
const TEXTS = {
  csv: renderCsvJobs,
  'csv-attempts': renderCsvAttempts,
  json: renderJson,
  markdown: renderMarkdown,
  summary: (snapshot: Snapshot) => renderSummary(snapshot, { color: false, width: 100 }),
} as const satisfies Record<string, (snapshot: Snapshot) => string>;

export type TextFormat = keyof typeof TEXTS;
export type ReportFormat = TextFormat | 'html';

const FORMATS: readonly string[] = ['html', ...Object.keys(TEXTS)];

export function renderText(format: TextFormat, snapshot: Snapshot): string {
  return TEXTS[format](snapshot);
}

/** @throws LocalizeError USAGE */
export function readFormat(text: string): ReportFormat {
  if (FORMATS.includes(text)) return text as ReportFormat;
  throw new LocalizeError('USAGE', `--format takes ${FORMATS.join(', ')}, not ${text}`);
}
