import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AssetSource, FileStamp } from '@localize/core';

/** What tells a file from a later state of it without reading it. */
export function fileStamp({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): FileStamp {
  return { bytes: size, modifiedMs: Math.round(mtimeMs) };
}

/** How long what was seen of a file holds: many jobs name the same one, and are staged at once. */
const RECENT_MS = 100;
const MOST_RECENT = 64;

/** Looks at files, at each of them now and then. */
export class FileLooks {
  readonly #recent = new Map<string, { readonly at: number; readonly stats: Promise<Stats> }>();

  /** What there is to know of a file without reading it. @throws the file system's error */
  look(path: string): Promise<Stats> {
    const now = performance.now();
    const known = this.#recent.get(path);
    if (known !== undefined && now - known.at < RECENT_MS) return known.stats;
    const stats = stat(path);
    if (this.#recent.size >= MOST_RECENT) this.#recent.clear();
    this.#recent.set(path, { at: now, stats });
    return stats;
  }

  /** Somebody may have written to it just now. */
  forget(path: string): void {
    this.#recent.delete(path);
  }
}

/** Whether a file is another one than the plan looked at: its length, and with it the price, may be another too. */
export async function isChangedSince(source: AssetSource | null, looks: FileLooks): Promise<boolean> {
  if (source?.kind !== 'file' || source.seen === undefined) return false;
  return differs(await looks.look(source.path), source.seen);
}

/** The same at this very moment, for where nothing may come between; a file that is gone has changed. */
export function isChangedNow(source: AssetSource | null): boolean {
  if (source?.kind !== 'file' || source.seen === undefined) return false;
  const stats = statSync(source.path, { throwIfNoEntry: false });
  return stats === undefined || differs(stats, source.seen);
}

function differs(stats: Stats, seen: FileStamp): boolean {
  const now = fileStamp(stats);
  return now.bytes !== seen.bytes || now.modifiedMs !== seen.modifiedMs;
}
