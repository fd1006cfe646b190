import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { inspectHere } from '../inspect.js';
import { MediaError } from '../media-error.js';
import type { FileToInspect, FoundInShare, InspectedFile, Share } from './inspect-files.js';

/** Where this module is, wherever a bundler has put it: a thread is started from it. */
export const THREAD_URL = import.meta.url;

/** What a thread is told that it is for. */
export const THREAD_NAME = 'localize inspects media files';

if (!isMainThread && workerData === THREAD_NAME) {
  parentPort?.on('message', async ({ from, files }: Share) => {
    const found: InspectedFile[] = [];
    for (const file of files) found.push(await lookAt(file));
    parentPort?.postMessage({ from, found } satisfies FoundInShare);
  });
}

async function lookAt({ path, as }: FileToInspect): Promise<InspectedFile> {
  try {
    return await inspectHere(path, as);
  } catch (error) {
    if (!MediaError.isInstance(error)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
