import { closeSync, openSync, readSync } from 'node:fs';
import { LocalizeError } from '@localize/core';
import { isFile } from '../batch/at-path.js';
import { displayPath } from './display-path.js';

/** As much of a file as tells what it is. */
const HEAD_BYTES = 256;

/**
 * Refuses to write over a file that is none of ours of that kind: a manifest or a video may be a slip of the hand away.
 * @param isOwn tells one of ours by its beginning.
 * @throws LocalizeError FILE_EXISTS
 */
export function keepForeign(path: string, { what, isOwn, cwd }: Kind): void {
  const head = headOf(path);
  if (head === null || head.trim() === '' || isOwn(head)) return;
  throw foreignFile(path, { what, cwd });
}

/** The user named a place that holds something of theirs: FILE_EXISTS. */
export function foreignFile(path: string, { what, cwd }: Omit<Kind, 'isOwn'>): LocalizeError {
  return new LocalizeError('FILE_EXISTS', `${displayPath(path, cwd)} is there and is no ${what}; it is left as it is`, {
    hint: 'name another place, or remove this one first',
  });
}

interface Kind {
  /** In words. */
  readonly what: string;
  readonly isOwn: (head: string) => boolean;
  readonly cwd: string;
}

/** Tells a document of ours by the word that it begins with. */
export function beginsLike(text: string): (head: string) => boolean {
  const first = /^\s*\S+?(?=[\s,:]|$)/.exec(text)?.[0] ?? text;
  return (head) => head.startsWith(first);
}

/** `null` where there is no file; a pipe or a device takes whatever comes. */
function headOf(path: string): string | null {
  if (!isFile(path)) return null;
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
