import type { Snapshot } from '@localize/core';
import { renderMarkdown } from '../markdown/render-markdown.js';
import { inlineJson } from './inline-json.js';

export interface HtmlOptions {
  /**
   * Goes before every relative path of an output or a source, so that it leads from the report's folder to the file:
   * the relative path from there to the working directory of the command, for instance `../../..`.
   */
  readonly mediaBase?: string;
}

/** The report as one self-contained page. */
export function renderHtml(snapshot: Snapshot, options: HtmlOptions = {}): string {
  const text = renderMarkdown(snapshot).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const data = inlineJson({ snapshot, mediaBase: options.mediaBase ?? '' });
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">',
    '<title>localize report</title>',
    `<pre>${text}</pre>`,
    `<script type="application/json" id="report-data">${data}</script>`,
    '</html>',
    '',
  ].join('\n');
}
