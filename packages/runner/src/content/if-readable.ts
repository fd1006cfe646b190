import { openRegular } from './regular-file.js';

/** Whether the rights of a file or folder are what keeps this user from it. */
export function isDenied({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

/** Whether the rights of a file let it be read; opened to know, since `access` asks for the user who started the program. */
export async function mayBeRead(path: string): Promise<boolean> {
  try {
    await (await openRegular(path)).close();
    return true;
  } catch (error) {
    if (isDenied(error as NodeJS.ErrnoException)) return false;
    throw error;
  }
}

/** What a look at files has found; `null` where the file system does not let them be read. */
export async function ifReadable<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return null;
  }
}
