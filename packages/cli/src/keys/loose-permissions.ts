import { statSync } from 'node:fs';

/** What others than the owner may do with a file. Windows keeps this elsewhere, so there it is nothing. */
export function loosePermissions(path: string): { readonly readable: boolean; readonly writable: boolean } {
  const facts = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false });
  // A pipe, such as that of <(command), is nobody else's.
  if (facts === undefined || !facts.isFile()) return { readable: false, writable: false };
  return { readable: (facts.mode & 0o044) !== 0, writable: (facts.mode & 0o022) !== 0 };
}
