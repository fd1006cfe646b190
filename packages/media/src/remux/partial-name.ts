import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** A name beside a file that is being written, under which nobody takes it for whole. */
export function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
}
