import { readlinkSync, statSync } from 'node:fs';

/** Whether a folder is there, as far as anybody may look. */
export function isFolder(path: string): boolean {
  return ifThere(() => statSync(path))?.isDirectory() ?? false;
}

/** Whether a file is there, as far as anybody may look. */
export function isFile(path: string): boolean {
  return ifThere(() => statSync(path))?.isFile() ?? false;
}

/** Where a link leads; `null`: there is none. */
export function linkAt(path: string): string | null {
  return ifThere(() => readlinkSync(path));
}

/** `null` also where the way to it leads through a file. */
function ifThere<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
