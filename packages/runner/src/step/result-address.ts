import type { OutputFile, UnreadableOutput } from '@localize/core';
import { isDataUrl } from '../http/data-url.js';
import { DownloadError } from '../http/download-error.js';

type Output = OutputFile | UnreadableOutput;

/** Where a result lies, for the state; of one that came whole in the reply, or in a form that nobody knows, it is asked for again. */
export function addressOf(output: Output): string | null {
  return 'url' in output && !isDataUrl(output.url) ? output.url : null;
}

/** @throws DownloadError where nobody can fetch it: it may be a result all the same, so it is paid for and held. */
export function fetchable(output: Output): string {
  if ('url' in output) return output.url;
  throw new DownloadError(
    'unusable',
    `its provider names no address that it could be fetched from: ${output.unreadable}`,
  );
}
