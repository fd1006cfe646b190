import { SNAPSHOT_VERSION, type Snapshot } from '@localize/core';

const DATA = /<script type="application\/json" id="report-data">(.*?)<\/script>/s;

const HEAD =
  /^<!doctype html>\s*<html[^>]*>\s*<head>\s*<meta charset="utf-8">\s*<meta name="generator" content="localize">/;

/** Tells a page of ours by its beginning, of whatever batch and version. */
export function isReportPage(head: string): boolean {
  return HEAD.test(head);
}

/**
 * The snapshot that a page carries: a run's page is also the record of how the batch stood when it ended. `null` when
 * the text is no page of ours, or one of another version.
 */
export function readPageSnapshot(html: string): Snapshot | null {
  const text = DATA.exec(html)?.[1];
  if (text === undefined) return null;
  try {
    const data = JSON.parse(text) as { snapshot?: Snapshot };
    return data.snapshot?.version === SNAPSHOT_VERSION ? data.snapshot : null;
  } catch {
    return null;
  }
}
