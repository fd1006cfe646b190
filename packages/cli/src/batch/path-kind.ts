import { type Stats, statSync } from 'node:fs';

/** Whether a folder is there, as far as anybody may look. */
export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() ?? false;
}

/** Whether a file is there, as far as anybody may look. */
export function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}

/** `null` also where the way to it leads through a file. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
