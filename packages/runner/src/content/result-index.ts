import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ifReadable, isDenied, mayBeRead } from './if-readable.js';
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
 * @param known paths of videos whose sidecars need no look
 * @throws the file system's error where there is no such folder, or it may not be read itself
 */
export async function findResults(folder: string, known: ReadonlySet<string> = new Set()): Promise<FoundResults> {
  const closed: string[] = [];
  const all = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (!isDenied(error) || error.path === folder) throw error;
    return readableNames(folder, closed);
  });
  return sortOut(folder, { names: new Set(all.sort()), closed }, known);
}

async function sortOut(
  folder: string,
  { names, closed }: { readonly names: ReadonlySet<string>; readonly closed: string[] },
  known: ReadonlySet<string>,
): Promise<FoundResults> {
  const results: KnownResult[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const path = videoOfSidecar(join(folder, name));
    if (path === null || known.has(path)) continue;
    const sidecar = await readSidecar(join(folder, name));
    if (sidecar !== null) results.push({ path, sidecar });
    else if ((await ifReadable(mayBeRead(join(folder, name)))) === false) closed.push(join(folder, name));
    else if (VIDEO.test(path)) unreadable.push(path);
  }
  const isBare = (name: string) => VIDEO.test(name) && !names.has(`${name}.json`);
  return { results, unreadable, closed, bare: [...names].filter(isBare).map((name) => join(folder, name)) };
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

/** What lies in a folder and in those in it that may be read. @param closed takes those that may not */
async function readableNames(folder: string, closed: string[], below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (below === '' || !isDenied(error)) throw error;
    closed.push(join(folder, below));
    return [];
  });
  const names: string[] = [];
  for (const entry of entries) {
    const name = join(below, entry.name);
    names.push(name, ...(entry.isDirectory() ? await readableNames(folder, closed, name) : []));
  }
  return names;
}

/**
 * The results under a folder by fingerprint, and what in it may not be read; nothing where there is no such folder.
 * @param known paths of videos whose sidecars need no look
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
