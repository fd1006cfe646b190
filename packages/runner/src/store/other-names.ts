import { existsSync, readFileSync } from 'node:fs';
import { areOneFile } from './one-file.js';
import { prepared } from './prepared.js';
import type { Store } from './store.js';

/** A batch of the state that may be another one under the name that it had before. */
export interface OtherName {
  readonly id: number;
  readonly name: string;
  /**
   * Its manifest is no longer where it was: it may be this one, moved and renamed at once, or one that was deleted. What
   * both ask for tells. Else it is of the same file, by whichever path that is reached.
   */
  readonly isGone: boolean;
}

/** Which batches of the state may be this one under another name. */
export function otherNames(store: Store, manifestPath: string, batch: string): OtherName[] {
  return otherBatches(store, batch).flatMap(({ id, name, path }): OtherName[] => {
    if (areOneFile(path, manifestPath)) return [{ id, name, isGone: false }];
    return existsSync(path) ? [] : [{ id, name, isGone: true }];
  });
}

/**
 * Of those that are asked about the ones whose manifest is not where it was either, although something is: another
 * manifest, or a folder. Of one that takes its name from elsewhere this is said too.
 */
export function displacedNames(
  store: Store,
  manifestPath: string,
  { batch, isAsked }: { readonly batch: string; readonly isAsked: (other: { readonly name: string }) => boolean },
): Pick<OtherName, 'id' | 'name'>[] {
  return otherBatches(store, batch).filter(
    ({ name, path }) =>
      isAsked({ name }) && existsSync(path) && !areOneFile(path, manifestPath) && !namesBatch(path, name),
  );
}

/** Whether a manifest names this batch, as far as its text tells. */
function namesBatch(path: string, name: string): boolean {
  try {
    const named = readFileSync(path, 'utf8').matchAll(/\bbatch["']?\s*:\s*["']?([\w.-]+)/g);
    return [...named].some(([, found]) => found === name);
  } catch {
    return false;
  }
}

function otherBatches(store: Store, batch: string) {
  return prepared<[string], { id: number; name: string; path: string }>(
    store,
    'SELECT id, name, manifest_path AS path FROM batches WHERE name <> ? ORDER BY name',
  ).all(batch);
}

/** The same as a JSON list of their ids. */
export function otherNameIds(store: Store, manifestPath: string, batch: string): string {
  return JSON.stringify(otherNames(store, manifestPath, batch).map(({ id }) => id));
}
