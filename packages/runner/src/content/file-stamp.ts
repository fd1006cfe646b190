import { type BigIntStats, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AssetSource, FileStamp } from '@localize/core';

/**
 * What tells a file from another state of it without reading it. A copy can be given the time of modification of what it
 * replaces (`cp -p`, `rsync -t`, `touch -r`); the time of change is the file system's own. The inode tells no more, and some
 * network file systems give a file a new one now and then.
 */
export function fileStamp({ size, mtimeNs, ctimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs'>): FileStamp {
  return { bytes: Number(size), times: `${mtimeNs} ${ctimeNs}` };
}

/** When an output was last written to, in whole milliseconds: it keeps that when its folder is copied. */
export function modifiedMs({ mtimeMs }: Stats): number {
  return Math.round(mtimeMs);
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.bytes === b.bytes && a.times === b.times;
}

/** How long what was seen of a file holds: many jobs name the same one, and are staged at once. */
const RECENT_MS = 100;
const MOST_RECENT = 64;

/** Looks at files, at each of them now and then. */
export class FileLooks {
  readonly #recent = new Map<string, { readonly at: number; readonly stamp: Promise<FileStamp> }>();

  /** What there is to know of a file without reading it. @throws the file system's error */
  look(path: string): Promise<FileStamp> {
    const now = performance.now();
    const known = this.#recent.get(path);
    if (known !== undefined && now - known.at < RECENT_MS) return known.stamp;
    const stamp = stat(path, { bigint: true }).then(fileStamp);
    if (this.#recent.size >= MOST_RECENT) this.#recent.clear();
    this.#recent.set(path, { at: now, stamp });
    return stamp;
  }

  /** Somebody may have written to it just now. */
  forget(path: string): void {
    this.#recent.delete(path);
  }
}

/**
 * Whether a file has kept its length and its time of modification. Who links, names, labels or protects it changes neither.
 */
export function isWrittenAlike(a: FileStamp, b: FileStamp): boolean {
  const modified = ({ times }: FileStamp) => times.split(' ')[0];
  return a.bytes === b.bytes && modified(a) === modified(b);
}

/** What a file is at this very moment, for where nothing may come between; `null`: it is gone. */
export function stampNow(path: string): FileStamp | null {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : fileStamp(stats);
  } catch (error) {
    // A file lies where a folder of its path was.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

/** Whether a file is another one than was seen; one that is gone is. @param now what it is now, by its path */
export function isChanged(source: AssetSource | null, now: (path: string) => FileStamp | null): boolean {
  if (source?.kind !== 'file' || source.seen === undefined) return false;
  const stamp = now(source.path);
  return stamp === null || !isSameStamp(stamp, source.seen);
}
