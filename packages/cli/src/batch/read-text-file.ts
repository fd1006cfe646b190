import { readFileSync, statSync } from 'node:fs';
import { decodeText, isBinary, LocalizeError } from '@localize/core';

/** Nothing stands at a path. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Enough to see that a file is no text, of which there is no need to decode gigabytes. */
const HEAD_BYTES = 4_096;

/**
 * The text of a manifest, or of a file that it names; of a file that is no text the beginning.
 * @param typed the path as messages name it
 * @returns `null` where there is no file
 * @throws LocalizeError MANIFEST_UNREADABLE
 */
export function readTextFile(path: string, typed: string): string | null {
  try {
    refuseStreams(path, typed);
    const bytes = readFileSync(path);
    const head = decodeText(bytes.subarray(0, HEAD_BYTES));
    return isBinary(head) ? head : decodeText(bytes);
  } catch (error) {
    if (error instanceof LocalizeError) throw error;
    if (MISSING.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw unreadable(typed, error);
  }
}

/** A file may stand behind them, and beside them is no place for a state: it would lie in memory. */
const PROCESS_NAMES = /^\/(proc\/|dev\/(fd\/|std(in|out|err)$))/;

/** Reading them may block for ever, and what they gave is gone when it is asked for again. */
function refuseStreams(path: string, typed: string): void {
  const facts = statSync(path);
  if (PROCESS_NAMES.test(path)) throw isStream(typed, 'the name that a process has for what it has open');
  if (facts.isFile() || facts.isDirectory()) return;
  throw isStream(typed, `a ${facts.isFIFO() ? 'pipe' : 'device or socket'}`);
}

function isStream(typed: string, what: string): LocalizeError {
  return new LocalizeError('MANIFEST_UNREADABLE', `${typed} is no regular file but ${what}`, {
    hint: 'write the text to a file and name that',
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ELOOP: 'its links lead in a circle',
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  ENAMETOOLONG: 'the path is too long',
};

/** @param typed the path as the user gave it */
export function unreadable(typed: string, error: unknown): LocalizeError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new LocalizeError('MANIFEST_UNREADABLE', `${typed} cannot be read: ${WORDS[code] ?? message}`, {
    cause: error,
  });
}
