import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Until the bytes of a file are on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** Until the name of a file is on the disk. */
export async function syncFolderOf(path: string): Promise<void> {
  // Windows cannot open a folder; there the rename is as durable as it gets.
  const folder = await open(dirname(path), 'r').catch(() => null);
  if (folder === null) return;
  await folder
    .sync()
    .catch(() => undefined)
    .finally(() => folder.close());
}
