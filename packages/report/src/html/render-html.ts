/// <reference path="../page-template.d.ts" />

import { plainText, type Snapshot } from '@localize/core';
import { PAGE_TEMPLATE } from '#page-template';
import { plainSnapshot } from '../plain-snapshot.js';
import { compareSnapshots } from '../view-model/comparison.js';
import type { PageData } from '../view-model/page-data.js';
import { inlineJson } from './inline-json.js';
import { mediaSources } from './media-sources.js';

export interface HtmlOptions {
  /**
   * Goes before every relative path of an output or a source, so that it leads from the report's folder to the file:
   * the relative path from there to the working directory of the command, for instance `../../..`.
   */
  readonly mediaBase?: string;
  /**
   * Where a page that is served during a run hears of changes: server-sent events of type `snapshot` with a whole
   * {@link Snapshot} as JSON, and one of type `end`. Same origin only. Without it the page connects to nothing.
   */
  readonly eventsUrl?: string;
  /** Of a page that is served during a run: where the report lies that stays. */
  readonly reportPath?: string;
  /** `reviewer`: the page shows videos and marks alone; give it what {@link forReviewer} leaves of a snapshot. */
  readonly audience?: 'owner' | 'reviewer';
  /** Another batch, or this one at an earlier time, to set beside it. */
  readonly comparedWith?: Snapshot;
  /** Pages that earlier runs left, as relative addresses by the run's id. */
  readonly runPages?: Readonly<Record<string, string>>;
}

/** Placeholders of the template, as they stand in `app/index.html`; the data's has quotes, so that it is JSON as well. */
const PLACEHOLDERS = /"@@(REPORT_DATA)@@"|@@(REPORT_TITLE|MEDIA_SOURCES|CONNECT_SOURCES)@@/g;

/**
 * The report as one self-contained page: it opens from disk without a network, and its Content-Security-Policy runs
 * nothing but the app's own script, whatever a manifest or a provider put into the data.
 */
export function renderHtml(given: Snapshot, options: HtmlOptions = {}): string {
  const snapshot = plainSnapshot(given);
  const { mediaBase = '', eventsUrl = null, comparedWith, runPages = {} } = options;
  const { reportPath = null, audience = 'owner' } = options;
  const comparison = comparedWith ? compareSnapshots(comparedWith, snapshot) : null;
  const data: PageData = { snapshot, mediaBase, eventsUrl, reportPath, audience, comparison, runPages };
  const values: Record<string, string> = {
    REPORT_TITLE: escapeText(`${plainText(snapshot.batch, 100)} · localize report`),
    REPORT_DATA: inlineJson(data),
    MEDIA_SOURCES: mediaSources(snapshot),
    CONNECT_SOURCES: eventsUrl === null ? "'none'" : "'self'",
  };
  return PAGE_TEMPLATE.replace(PLACEHOLDERS, (_, data: string, text: string) => values[data ?? text] ?? '');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
