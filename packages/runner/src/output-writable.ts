import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalizeError } from '@localize/core';
import { makeFolder } from './make-folder.js';

/**
 * Makes sure, before anything is bought, that results can be written where they belong.
 * @throws LocalizeError OUTPUT_UNWRITABLE
 */
export async function requireWritable(folder: string): Promise<void> {
  const probe = join(folder, `.writable-${process.pid}`);
  try {
    makeFolder(folder);
    await writeFile(probe, '');
    // Others may look at once.
    await rm(probe, { force: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalizeError('OUTPUT_UNWRITABLE', `the output folder ${folder} cannot be written: ${why}`, {
      hint: 'make it writable or set another output.dir, then run again: nothing that was paid for is lost',
      cause: error,
    });
  }
}
