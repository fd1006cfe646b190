/// <reference path="../page-template.d.ts" />

import { plainText, type StreamedSnapshot } from '@localize/core';
import { PAGE_TEMPLATE } from '#page-template';
import { documentText, type ReportDocument } from '../document.js';
import { type Survey, surveySnapshot } from '../survey.js';
import { compareSnapshots } from '../view-model/comparison.js';
import type { OwnRun } from '../view-model/page-data.js';
import { inlineJson } from './inline-json.js';
import { PAGE_JSON_END, type PageFacts, pageJsonBegin } from './page-json.js';

export interface HtmlOptions {
  /**
   * Goes before every relative path of an output or a source, so that it leads from the report's folder to the file:
   * the relative path from there to the working directory of the command, for instance `../../..`.
   */
  readonly mediaBase?: string;
  /**
   * Where a page that is served during a run hears of changes: server-sent events of type `snapshot` with a whole
   * snapshot as JSON, and one of type `end`. Same origin only. Without it the page connects to nothing.
   */
  readonly eventsUrl?: string;
  /** Of a page that is served during a run: where the report lies that stays. */
  readonly reportPath?: string;
  /** And how many of the jobs that run is about: it may be told to leave others alone. */
  readonly coveredJobs?: number;
  /** `reviewer`: the page shows videos and marks alone; give it what {@link forReviewer} leaves of a snapshot. */
  readonly audience?: 'owner' | 'reviewer';
  /** Another batch, or this one at an earlier time, to set beside it. */
  readonly comparedWith?: StreamedSnapshot;
  /** Pages that earlier runs left, as relative addresses by the run's id. */
  readonly runPages?: Readonly<Record<string, string>>;
  /** The run that leaves this page. */
  readonly ownRun?: OwnRun | null;
}

/** Placeholders of the template, as they stand in `app/index.html`; the data's has quotes, so that it is JSON as well. */
const DATA_PLACEHOLDER = '"@@REPORT_DATA@@"';
const PLACEHOLDERS = /@@(REPORT_TITLE|MEDIA_SOURCES|CONNECT_SOURCES)@@/g;

/**
 * The report as one self-contained page: it opens from disk without a network, and its Content-Security-Policy runs
 * nothing but the app's own script, whatever a manifest or a provider put into the data.
 */
export function htmlDocument(survey: Survey, options: HtmlOptions = {}): ReportDocument {
  const values: Record<string, string> = {
    REPORT_TITLE: escapeText(`${plainText(survey.snapshot.batch, 100)} · localize report`),
    MEDIA_SOURCES: survey.mediaSources,
    CONNECT_SOURCES: (options.eventsUrl ?? null) === null ? "'none'" : "'self'",
  };
  const [above = '', below = ''] = PAGE_TEMPLATE.split(DATA_PLACEHOLDER).map((part) =>
    part.replace(PLACEHOLDERS, (_, name: string) => values[name] ?? ''),
  );
  return {
    head: [above, pageJsonBegin(pageFacts(survey, options))],
    job: (job, index) => `${index === 0 ? '' : ','}${inlineJson(job)}`,
    tail: `${PAGE_JSON_END}${below}`,
  };
}

/** {@link htmlDocument} as one text. */
export function renderHtml(given: StreamedSnapshot, options: HtmlOptions = {}): string {
  const survey = surveySnapshot(given);
  return documentText(htmlDocument(survey, options), survey.snapshot.jobs);
}

function pageFacts({ snapshot: whole }: Survey, options: HtmlOptions): PageFacts {
  const { jobs: _, ...snapshot } = whole;
  const { mediaBase = '', eventsUrl = null, comparedWith, runPages = {}, ownRun = null } = options;
  const { reportPath = null, coveredJobs = null, audience = 'owner' } = options;
  const comparison = comparedWith ? compareSnapshots(comparedWith, whole) : null;
  return { mediaBase, eventsUrl, reportPath, coveredJobs, audience, comparison, runPages, ownRun, snapshot };
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
