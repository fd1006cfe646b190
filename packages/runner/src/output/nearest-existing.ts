import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder, or the nearest one above it that exists; the root where none does, as of a drive that is not there. */
export function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
