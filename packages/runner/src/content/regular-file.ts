import { constants, type Stats, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** To open a file with. A pipe that nobody writes to would else block for ever; Windows has no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file to read it. What is no regular file is not read: a pipe may never give anything, a device never end.
 * @throws the file system's error; one like it of what is no regular file
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, READ);
  try {
    const facts = await file.stat();
    if (facts.isFile()) return file;
    throw Object.assign(new Error(`${path} is ${whatIs(facts)}, not a file`), {
      code: 'EISDIR',
      syscall: 'open',
      path,
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text of a regular file. @throws as {@link openRegular} */
export async function readRegular(path: string): Promise<string> {
  const file = await openRegular(path);
  return file.readFile('utf8').finally(() => file.close());
}

/** What lies at a path, in words: `a folder`, `a pipe`. */
export function whatIs(facts: Stats): string {
  if (facts.isFile()) return 'a file';
  if (facts.isDirectory()) return 'a folder';
  if (facts.isFIFO()) return 'a pipe';
  return facts.isSocket() ? 'a socket' : 'a device';
}

/** What lies where a file is looked for. */
export type Look =
  | { readonly kind: 'file'; readonly facts: Stats }
  | { readonly kind: 'nothing' }
  /** A folder, a pipe, links in a circle; in words. */
  | { readonly kind: 'no file'; readonly words: string }
  /** Nobody can tell, since the file system lets nobody look. */
  | { readonly kind: 'hidden'; readonly words: string };

/** Looks without reading. What may be there once a folder is mended is not there now. */
export function lookAt(path: string): Look {
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return { kind: 'nothing' };
    if (facts.isFile()) return { kind: 'file', facts };
    return { kind: 'no file', words: `${path} is ${whatIs(facts)}, not a file` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return { kind: 'nothing' };
    if (code === 'ELOOP') return { kind: 'no file', words: `${path} is a link that leads in a circle` };
    return { kind: 'hidden', words: `${path} cannot be looked at: ${message}` };
  }
}
