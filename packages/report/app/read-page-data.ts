import type { PageData } from '../src/view-model/index.js';

/** Reads the data that `renderHtml` put into the page. */
export function readPageData(): PageData {
  const text = document.getElementById('report-data')?.textContent;
  if (!text) throw new Error('this page carries no report');
  return JSON.parse(text) as PageData;
}
