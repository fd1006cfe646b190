import { copyFile, link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../output/make-folder.js';
import { keptName } from '../output/output-paths.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';

/**
 * Puts the kept video of an output that was copied elsewhere beside it again.
 * @param from the kept video; `null` where none is kept
 */
export async function withKept(output: FinishedOutput, from: string | null, to: string): Promise<FinishedOutput> {
  const { finish } = output;
  if (finish === undefined || from === null) return output;
  const isThere = from === to || (await copied(from, to));
  // Without it the output is as good, until somebody wants the provider's sound back.
  return { ...output, finish: { ...finish, kept: isThere ? keptName(output.path, to) : null } };
}

/** Keeps a file under a second name, without a copy where the file system can. */
export async function keepAs(from: string, to: string): Promise<void> {
  makeFolder(dirname(to));
  await rm(to, { force: true });
  await link(from, to).catch(async () => {
    await copyFile(from, `${to}.part`);
    await rename(`${to}.part`, to);
  });
}

async function copied(from: string, to: string): Promise<boolean> {
  makeFolder(dirname(to));
  return copyFile(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
