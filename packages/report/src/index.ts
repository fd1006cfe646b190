export { renderCsvAttempts } from './csv/render-csv-attempts.js';
export { renderCsvJobs } from './csv/render-csv-jobs.js';
export { type HtmlOptions, renderHtml } from './html/render-html.js';
export { buildReportJson, renderJson } from './json/render-json.js';
export { REPORT_JSON_VERSION, type ReportJson } from './json/report-json.js';
export { REPORT_JSON_SCHEMA } from './json/report-json-schema.js';
export { renderMarkdown } from './markdown/render-markdown.js';
export { renderSummary, type SummaryOptions } from './summary/render-summary.js';
export { buildReportView, type ReportView } from './view-model/report-view.js';
