import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NOBODY = 65_534;

/** Modes mean nothing to the superuser, who is somebody else meanwhile. */
export async function asUser<T>(look: () => T | Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await look();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Makes a folder and all in it that user's own. */
export function giveToUser(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    chownSync(join(folder, name), NOBODY, NOBODY);
}
