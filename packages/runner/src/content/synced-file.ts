import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileStamp } from '@localize/core';
import { fileStamp } from './file-stamp.js';

/** Opens a file for writing, in a folder that may not be there yet. */
export async function openIn(path: string, flags: 'w' | 'a'): Promise<FileHandle> {
  const folder = dirname(path);
  if (!existsSync(folder)) await mkdir(folder, { recursive: true });
  return open(path, flags);
}

/** Writes a whole file, whose bytes are on the disk when this returns. */
export async function writeSynced(path: string, content: Buffer): Promise<FileStamp> {
  const file = await openIn(path, 'w');
  try {
    for (let at = 0; at < content.length; ) at += (await file.write(content, at)).bytesWritten;
    await file.sync();
    return fileStamp(await file.stat());
  } finally {
    await file.close();
  }
}

/** Until the bytes of a file are on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** Until the name of a file is on the disk. */
export async function syncFolderOf(path: string): Promise<void> {
  // Windows cannot open a folder; there the rename is as durable as it gets.
  const folder = await open(dirname(path), 'r').catch(() => null);
  if (folder === null) return;
  await folder
    .sync()
    .catch(() => undefined)
    .finally(() => folder.close());
}
