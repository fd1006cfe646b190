import { join } from 'node:path';
import { type FolderBelow, foldersBelow } from './folders-below.js';
import { ifReadable, mayBeRead } from './if-readable.js';
import { readSidecar, type Sidecar, videoOfSidecar } from './sidecar.js';

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
  /** Folders and sidecars that may not be read: nobody knows what they hold. */
  readonly closed: readonly string[];
  /** Videos that have none. */
  readonly bare: readonly string[];
}

const VIDEO = /\.(mp4|m4v|mov|webm|mkv)$/i;

/**
 * Looks through a folder and all folders in it that may be read.
 * @param known videos whose sidecars need no look, by how their paths go on from the folder's
 * @throws the file system's error where there is no such folder, or it may not be read itself
 */
export async function findResults(folder: string, known: ReadonlySet<string> = new Set()): Promise<FoundResults> {
  const found: Found = { results: [], unreadable: [], closed: [], bare: [] };
  for await (const each of foldersBelow(folder, found.closed)) await sortOut(each, known, found);
  return found;
}

type Found = { -readonly [K in keyof FoundResults]: FoundResults[K][number][] };

async function sortOut(
  { path: folder, below, files }: FolderBelow,
  known: ReadonlySet<string>,
  found: Found,
): Promise<void> {
  const names = new Set(files);
  for (const name of files) {
    if (VIDEO.test(name) && !names.has(`${name}.json`)) found.bare.push(join(folder, name));
    const video = videoOfSidecar(name);
    if (video === null || known.has(join(below, video))) continue;
    const path = join(folder, video);
    const sidecar = await readSidecar(join(folder, name));
    if (sidecar !== null) found.results.push({ path, sidecar });
    else if ((await ifReadable(mayBeRead(join(folder, name)))) === false) found.closed.push(join(folder, name));
    else if (VIDEO.test(path)) found.unreadable.push(path);
  }
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
 * The results under a folder by fingerprint, and what in it may not be read; nothing where there is no such folder.
 * @param known as for {@link findResults}
 */
export async function indexResults(
  folder: string,
  emulated: boolean,
  known: ReadonlySet<string>,
): Promise<{ readonly results: Map<string, KnownResult[]>; readonly closed: readonly string[] }> {
  const found = await findResults(folder, known).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return { results: byFingerprint(found?.results ?? [], emulated), closed: found?.closed ?? [] };
}
