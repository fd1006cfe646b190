import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSidecar, type Sidecar, videoOfSidecar } from '../step/sidecar.js';
import { isDenied } from './if-readable.js';

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
  return sortOut(folder, (await readdir(folder, { recursive: true })).sort(), known);
}

async function sortOut(folder: string, all: readonly string[], known: ReadonlySet<string>): Promise<FoundResults> {
  const names = new Set(all);
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

/** What {@link findResults} finds, without folders in it that may not be read. */
export function readableResults(folder: string, known: ReadonlySet<string>): Promise<FoundResults> {
  return findResults(folder, known).catch(async (error: NodeJS.ErrnoException) => {
    if (!isDenied(error) || error.path === folder) throw error;
    return sortOut(folder, (await readableNames(folder)).sort(), known);
  });
}

/** What lies in a folder and in those in it that may be read. */
async function readableNames(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (below !== '' && isDenied(error)) return [];
    throw error;
  });
  const names: string[] = [];
  for (const entry of entries) {
    const name = join(below, entry.name);
    names.push(name, ...(entry.isDirectory() ? await readableNames(folder, name) : []));
  }
  return names;
}

/**
 * The results under a folder by fingerprint; none where there is no such folder. Folders in it that may not be read are
 * left out: nothing is bought for the jobs whose place is there.
 * @param known paths of videos whose sidecars need no look
 */
export async function indexResults(
  folder: string,
  emulated: boolean,
  known: ReadonlySet<string>,
): Promise<Map<string, KnownResult[]>> {
  const found = await readableResults(folder, known).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return byFingerprint(found?.results ?? [], emulated);
}
