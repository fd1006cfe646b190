import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AssetSource, FileStamp } from '@localize/core';

/** What tells a file from a later state of it without reading it. */
export function fileStamp({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): FileStamp {
  return { bytes: size, modifiedMs: Math.round(mtimeMs) };
}

/** Whether a file is another one than the plan looked at: its length, and with it the price, may be another too. */
export async function isChangedSince(source: AssetSource | null): Promise<boolean> {
  if (source?.kind !== 'file' || source.seen === undefined) return false;
  const now = fileStamp(await stat(source.path));
  return now.bytes !== source.seen.bytes || now.modifiedMs !== source.seen.modifiedMs;
}
