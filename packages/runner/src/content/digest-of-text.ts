import { readFileSync } from 'node:fs';
import { sha256Of } from './hash-file.js';
import { lookAt } from './regular-file.js';

/** SHA-256 of a file's text as it is now; `null` where no file is that can be read. */
export function digestOfText(path: string): string | null {
  // A pipe would be waited for.
  if (lookAt(path).kind !== 'file') return null;
  try {
    return sha256Of(readFileSync(path));
  } catch {
    return null;
  }
}
