import { closeSync, fsync, openSync, renameSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../output/make-folder.js';

const synced = promisify(fsync);

/** Opens a file for writing, in a folder that may not be there yet. */
export async function openIn(path: string, flags: 'w' | 'a'): Promise<FileHandle> {
  const folder = dirname(path);
  makeFolder(folder);
  return open(path, flags);
}

/** A small file that is to be written whole. */
export interface SmallFile {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Writes small files into one folder, which may not be there yet: each appears under its name when the bytes of all of
 * them are on the disk, in this order. What waits for the disk leaves the thread; for all else the way to another thread
 * and back would cost more than the call itself.
 */
export async function putFiles(files: readonly SmallFile[]): Promise<void> {
  const opened: number[] = [];
  try {
    for (const { path, content } of files) opened.push(writePart(path, content));
    await Promise.all(opened.map((descriptor) => synced(descriptor)));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
  for (const { path } of files) renameSync(partOf(path), path);
}

function writePart(path: string, content: Buffer): number {
  const folder = dirname(path);
  makeFolder(folder);
  const descriptor = openSync(partOf(path), 'w');
  try {
    for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The name of a file that is not whole yet. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Until the bytes of a file are on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** Until the name of a file is on the disk. */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = openFolder(dirname(path));
  if (folder === null) return;
  await synced(folder)
    .catch(() => undefined)
    .finally(() => closeSync(folder));
}

/** Windows cannot open a folder; there the rename is as durable as it gets. */
function openFolder(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}
