import { sep } from 'node:path';
import { isWholeAsStored } from '../content/whole-output.js';
import { pagesById } from './pages.js';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** Where an output's path is one below a folder, how it goes on from there: of a great many paths the same part is kept once. */
const BELOW = `substr(output ->> 'path', length(?) + 1)`;
const IS_BELOW = `substr(output ->> 'path', 1, length(?)) = ?`;

/** Outputs of all batches that have their place below a folder, by how their paths go on from its own. */
export function outputsBelow(store: Store, folder: string): Set<string> {
  const inside = insideOf(folder);
  const paths = prepared<[string, string, string], { below: string }>(
    store,
    `SELECT ${BELOW} AS below FROM jobs WHERE output IS NOT NULL AND ${IS_BELOW}`,
  ).iterate(inside, inside, inside);
  const found = new Set<string>();
  for (const { below } of paths) found.add(below);
  return found;
}

/**
 * Those of them that lie as the state has left them: their sidecars say nothing that it does not know. One that was replaced
 * since, as by a later re-make where an older copy of the state was put back, is none of them.
 */
export async function wholeOutputsBelow(store: Store, folder: string): Promise<Set<string>> {
  const inside = insideOf(folder);
  const page = prepared<[string, number, string, string, number], { id: number; output: string; below: string }>(
    store,
    `SELECT id, output, ${BELOW} AS below FROM jobs NOT INDEXED
       WHERE id > ? AND state = 'succeeded' AND output IS NOT NULL AND ${IS_BELOW} ORDER BY id LIMIT ?`,
  );
  const whole = new Set<string>();
  const pages = pagesById(
    (after, limit) => page.all(inside, after, inside, inside, limit),
    ({ id }) => id,
  );
  for await (const found of pages) {
    for (const { output, below } of found) if (isWholeAsStored(output)) whole.add(below);
  }
  return whole;
}

function insideOf(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}
