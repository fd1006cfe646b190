import { basename, dirname, sep } from 'node:path';
import type Database from 'better-sqlite3';

/**
 * A state lies in a project's folder, and so do most of the outputs that it names. It remembers where that was: in a
 * folder that was moved or copied with its state, the outputs are the ones beside it, and never the original's.
 */

/** Whether the state was at home in another folder when it was last opened to be written. */
export function hasMoved(sqlite: Database.Database, path: string): boolean {
  const known = rememberedHome(sqlite);
  return known !== null && known !== homeOf(path);
}

/** Lets the paths in a moved state follow it. Reads before it writes: opening a state must not wait for a writer. */
export function settleIn(sqlite: Database.Database, path: string): void {
  const home = homeOf(path);
  if (rememberedHome(sqlite) === home) return;
  sqlite
    .transaction(() => {
      const former = rememberedHome(sqlite);
      if (former === home) return;
      if (former !== null) moveFolders(sqlite, former, home);
      sqlite
        .prepare(`INSERT INTO meta (key, value) VALUES ('home', ?) ON CONFLICT DO UPDATE SET value = excluded.value`)
        .run(home);
    })
    .immediate();
}

function moveFolders(sqlite: Database.Database, from: string, to: string): void {
  moveOutputs(sqlite, { from, to });
  const [old, now] = [ended(from), ended(to)];
  sqlite
    .prepare(
      `UPDATE batches SET output_dir = :now || substr(output_dir, length(:old) + 1)
         WHERE substr(output_dir, 1, length(:old)) = :old`,
    )
    .run({ old, now });
}

/** Names the outputs below one folder as being below another. @param batchId only this batch's */
export function moveOutputs(
  sqlite: Database.Database,
  { from, to, batchId = null }: { from: string; to: string; batchId?: number | null },
): void {
  if (from === to) return;
  const PATHS = [
    ['output', '$.path'],
    ['standing', '$.output.path'],
  ];
  for (const [column, path] of PATHS) {
    sqlite
      .prepare(
        `UPDATE jobs SET ${column} = json_set(${column}, '${path}', :now || substr(${column} ->> '${path}', length(:old) + 1))
           WHERE ${column} IS NOT NULL AND substr(${column} ->> '${path}', 1, length(:old)) = :old
             AND (:batchId IS NULL OR batch_id = :batchId)`,
      )
      .run({ old: ended(from), now: ended(to), batchId });
  }
}

function ended(folder: string): string {
  return folder.endsWith(sep) ? folder : `${folder}${sep}`;
}

function rememberedHome(sqlite: Database.Database): string | null {
  const row = sqlite.prepare(`SELECT value FROM meta WHERE key = 'home'`).get() as { value: string } | undefined;
  return row?.value ?? null;
}

/** The project's folder: the one that has `.localize`, or the one where the user has put the state. */
function homeOf(statePath: string): string {
  const folder = dirname(statePath);
  return basename(folder) === '.localize' ? dirname(folder) : folder;
}
