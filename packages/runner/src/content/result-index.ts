import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSidecar, type Sidecar, videoOfSidecar } from '../step/sidecar.js';

/** A result on disk that a sidecar describes. Not yet checked against its SHA-256. */
export interface KnownResult {
  readonly path: string;
  readonly sidecar: Sidecar;
}

/** What lies in a folder that may hold results. */
export interface FoundResults {
  readonly results: readonly KnownResult[];
  /** Videos whose sidecar is no sidecar of ours, or only half of one. */
  readonly unreadable: readonly string[];
  /** Videos that have none. */
  readonly bare: readonly string[];
}

const VIDEO = /\.(mp4|m4v|mov|webm|mkv)$/i;

/**
 * Looks through a folder and all folders in it.
 * @param known paths of videos whose sidecars need no look
 * @throws the file system's error where there is no such folder
 */
export async function findResults(folder: string, known: ReadonlySet<string> = new Set()): Promise<FoundResults> {
  const names = new Set((await readdir(folder, { recursive: true })).sort());
  const results: KnownResult[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const path = videoOfSidecar(join(folder, name));
    if (path === null || known.has(path)) continue;
    const sidecar = await readSidecar(join(folder, name));
    if (sidecar !== null) results.push({ path, sidecar });
    else if (VIDEO.test(path)) unreadable.push(path);
  }
  const isBare = (name: string) => VIDEO.test(name) && !names.has(`${name}.json`);
  return { results, unreadable, bare: [...names].filter(isBare).map((name) => join(folder, name)) };
}

/**
 * Results by fingerprint: what a renamed batch, a reverted edit or a lost state can use again instead of buying. Emulated
 * and real results never stand for each other.
 */
export function byFingerprint(results: readonly KnownResult[], emulated: boolean): Map<string, KnownResult[]> {
  const found = new Map<string, KnownResult[]>();
  for (const result of results) {
    const { fingerprint } = result.sidecar;
    if (result.sidecar.emulated !== emulated) continue;
    const same = found.get(fingerprint);
    if (same) same.push(result);
    else found.set(fingerprint, [result]);
  }
  return found;
}

/**
 * The results under a folder by fingerprint; none where there is no such folder.
 * @param known paths of videos whose sidecars need no look
 */
export async function indexResults(
  folder: string,
  emulated: boolean,
  known: ReadonlySet<string>,
): Promise<Map<string, KnownResult[]>> {
  const found = await findResults(folder, known).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return byFingerprint(found?.results ?? [], emulated);
}
