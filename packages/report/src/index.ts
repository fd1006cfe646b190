export { ATTEMPT_COLUMNS, csvAttemptsDocument, renderCsvAttempts } from './csv/render-csv-attempts.js';
export { csvJobsDocument, JOB_COLUMNS, LAST_JOB_COLUMNS, renderCsvJobs } from './csv/render-csv-jobs.js';
export { documentText, type ReportDocument } from './document.js';
export { forReviewer } from './for-reviewer.js';
export { type LaterFacts, laterPage } from './html/later-page.js';
export { isReportPage, readPageSnapshot } from './html/read-page.js';
export { type HtmlOptions, htmlDocument, renderHtml } from './html/render-html.js';
export { capJson } from './json/cap-json.js';
export { jsonPieces, type Streamed } from './json/json-pieces.js';
export { moneyJson } from './json/money-json.js';
export { jsonDocument, laterJson, renderJson } from './json/render-json.js';
export { type CapJson, type MoneyJson, REPORT_JSON_VERSION, type ReportJson } from './json/report-json.js';
export { REPORT_JSON_SCHEMA } from './json/report-json-schema.js';
export { renderComparison } from './markdown/render-comparison.js';
export { renderMarkdown, renderMarkdownView } from './markdown/render-markdown.js';
export { plainSnapshot } from './plain-snapshot.js';
export { type ParsedReview, parseReview } from './review/parse-review.js';
export {
  LONGEST_NAME,
  REVIEW_VERSION,
  type Review,
  type ReviewMark,
  type ReviewVerdict,
  writeReview,
} from './review/review.js';
export { renderSummary, renderSummaryView, type SummaryOptions, summaryView } from './summary/render-summary.js';
export { type Survey, surveySnapshot } from './survey.js';
export { attemptMoney, type MoneyClass } from './view-model/attempt-money.js';
export { type MoneyFigures, MoneySum, moneyFigures } from './view-model/money-figures.js';
export { buildReportView, type ReportView, type SummaryView, summaryViewTally } from './view-model/report-view.js';
export { needsPerson } from './view-model/stopped-jobs.js';
export type { Tally } from './view-model/tally.js';
