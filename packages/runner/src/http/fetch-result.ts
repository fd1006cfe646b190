import { decodeDataUrl, isDataUrl } from './data-url.js';
import { type FetchOptions, fetchToFile } from './fetch-to-file.js';
import type { WholeFile } from './part-file.js';

/**
 * Brings a result here, from wherever its address says that it is.
 * @throws DownloadError; the file system's error when the disk refuses.
 */
export function fetchResult(url: string, path: string, options: FetchOptions): Promise<WholeFile> {
  return isDataUrl(url) ? decodeDataUrl(url) : fetchToFile(url, path, options);
}
