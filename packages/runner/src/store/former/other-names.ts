import { existsSync } from 'node:fs';
import { areOneFile } from '../one-file.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

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

/** A batch of the state, and where its manifest was last. */
export interface OtherPath {
  readonly id: number;
  readonly name: string;
  readonly path: string;
}

/** Which batches of the state may be this one under another name. */
export function otherNames(store: Store, manifestPath: string, batch: string): OtherName[] {
  return otherBatches(store, batch).flatMap(({ id, name, path }): OtherName[] => {
    if (areOneFile(path, manifestPath)) return [{ id, name, isGone: false }];
    return existsSync(path) ? [] : [{ id, name, isGone: true }];
  });
}

/** Those that lie elsewhere, where something is: another file, or a folder. */
export function namesElsewhere(store: Store, manifestPath: string, batch: string): OtherPath[] {
  return otherBatches(store, batch).filter(({ path }) => existsSync(path) && !areOneFile(path, manifestPath));
}

function otherBatches(store: Store, batch: string): OtherPath[] {
  return prepared<[string], OtherPath>(
    store,
    'SELECT id, name, manifest_path AS path FROM batches WHERE name <> ? ORDER BY name',
  ).all(batch);
}

/** The same as a JSON list of their ids. */
export function otherNameIds(store: Store, manifestPath: string, batch: string): string {
  return JSON.stringify(otherNames(store, manifestPath, batch).map(({ id }) => id));
}
