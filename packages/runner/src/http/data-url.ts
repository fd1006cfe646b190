import { sha256Of } from '../content/hash-file.js';
import { DownloadError } from './download-error.js';
import type { WholeFile } from './part-file.js';

/** Whether an address is itself what it names. */
export function isDataUrl(url: string): boolean {
  return /^data:/i.test(url);
}

/** @throws DownloadError where it cannot be decoded. */
export async function decodeDataUrl(url: string): Promise<WholeFile> {
  try {
    const content = Buffer.from(await (await fetch(url)).arrayBuffer());
    return { bytes: content.length, sha256: sha256Of(content), content };
  } catch (error) {
    throw new DownloadError('unusable', 'the result came in the reply itself, and cannot be decoded', error);
  }
}
