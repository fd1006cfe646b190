import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FileTimes } from '../local-file-here.js';
import type { MediaErrorCode } from '../media-error.js';
import type { MediaFacts } from '../media-facts.js';

export interface FileToInspect {
  /** Absolute. */
  readonly path: string;
  readonly as: 'video' | 'audio';
}

export type InspectedFile =
  | { readonly facts: MediaFacts; readonly times: FileTimes }
  | { readonly error: { readonly code: MediaErrorCode; readonly message: string } };

/** One message to a thread, and back: a message costs about as much as a file. */
const FILES_A_SHARE = 16;

/** So that a thread has the next files when it is done with the last. */
const SHARES_AHEAD = 2;

/** A thread waits for the disk itself, so there are some even where there is one processor. */
const THREADS = { fewest: 2, most: 4 };

/**
 * `inspect` for a great many local files, on threads of their own: each file is opened, read and closed without a way to
 * another thread and back, which costs more than all else. A thread takes about as long to start as it looks at 200 files.
 *
 * Throws what is no fault of a file, and the signal's reason.
 * @param onFound told of each file by its place among `files`, in any order
 */
export async function inspectFiles(
  files: readonly FileToInspect[],
  { signal, onFound }: { signal: AbortSignal; onFound: (index: number, found: InspectedFile) => void },
): Promise<void> {
  signal.throwIfAborted();
  const { THREAD_NAME, THREAD_URL } = await import('./inspect-thread.js');
  const shares = sharesOf(files);
  const count = Math.min(THREADS.most, Math.max(THREADS.fewest, availableParallelism()));
  const threads = Array.from({ length: count }, () => new Worker(new URL(THREAD_URL), { workerData: THREAD_NAME }));
  const endAll = () => Promise.all(threads.map((thread) => thread.terminate()));
  signal.addEventListener('abort', endAll, { once: true });
  try {
    await Promise.all(threads.map((thread) => workThrough(thread, { shares, onFound })));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', endAll);
    await endAll();
  }
}

/** What a thread is told to look at. */
export interface Share {
  /** The place of the first among all files. */
  readonly from: number;
  readonly files: readonly FileToInspect[];
}

/** What a thread has found in it, in that order. */
export interface FoundInShare {
  readonly from: number;
  readonly found: readonly InspectedFile[];
}

function* sharesOf(files: readonly FileToInspect[]): Generator<Share, void, undefined> {
  for (let from = 0; from < files.length; from += FILES_A_SHARE) {
    yield { from, files: files.slice(from, from + FILES_A_SHARE) };
  }
}

interface Work {
  /** What no thread has yet. */
  readonly shares: Iterator<Share, void>;
  readonly onFound: (index: number, found: InspectedFile) => void;
}

/** Ends when there is nothing left that the thread could be given. */
function workThrough(thread: Worker, { shares, onFound }: Work): Promise<void> {
  return new Promise((resolve, reject) => {
    let ahead = 0;
    const giveNext = () => {
      const { value: share } = shares.next();
      if (!share) return;
      ahead += 1;
      thread.postMessage(share);
    };
    thread.on('message', ({ from, found }: FoundInShare) => {
      ahead -= 1;
      giveNext();
      for (const [index, each] of found.entries()) onFound(from + index, each);
      if (ahead === 0) resolve();
    });
    thread.on('error', reject);
    thread.on('exit', () => reject(new Error('a thread that looks at media files ended early')));
    for (let given = 0; given < SHARES_AHEAD; given += 1) giveNext();
    if (ahead === 0) resolve();
  });
}
