import { accessSync, constants, existsSync, lstatSync, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { safeFileName } from '@localize/core';
import { sha256File } from '../content/hash-file.js';
import { whatIs } from '../content/regular-file.js';
import { readSidecar, type Sidecar, sidecarPath } from '../content/sidecar.js';
import { partOf } from '../content/synced-file.js';
import { placeOf } from '../content/whole-output.js';
import type { StandingVideo } from '../store/schema/stored-types.js';

/**
 * What stands in the way where an output belongs, with what mends it: a folder or a pipe in its place, links that lead in
 * a circle, a name that is too long. `null`: a video can be put there; a file that lies there is no obstacle.
 * @param folder the batch's own, which is looked at by who makes sure that it can be written
 */
export function obstacleAt(folder: string, path: string): string | null {
  let at = path;
  let isThere = true;
  try {
    for (const each of foldersDownTo(folder, path)) {
      at = each;
      if (statSync(each, { throwIfNoEntry: false })?.isDirectory()) continue;
      const facts = lstatSync(each, { throwIfNoEntry: false });
      isThere = facts !== undefined;
      if (facts === undefined) break;
      if (facts.isSymbolicLink()) return `${each} is a link that leads to no folder: mend or remove it`;
      return `${each} is ${whatIs(facts)} where a folder belongs: move it away`;
    }
    at = dirname(path);
    if (at !== folder && isThere) accessSync(at, constants.R_OK | constants.W_OK | constants.X_OK);
    // In a folder that is not there lies nothing; a path may still be too long.
    for (const each of isThere ? filesOf(path) : [path]) {
      at = each;
      const facts = statSync(each, { throwIfNoEntry: false });
      if (facts !== undefined && !facts.isFile())
        return `${each} is ${whatIs(facts)} where a file belongs: move it away`;
    }
    return null;
  } catch (error) {
    return whyUnusable(at, error as NodeJS.ErrnoException);
  }
}

/** What the file system says of a path that cannot be used, with what mends it. */
export function whyUnusable(path: string, { code = '', message }: NodeJS.ErrnoException): string {
  return `${path} ${CODES[code] ?? `cannot be written (${message}): mend that place`}`;
}

const DENIED = 'may not be read or written (permission denied): give the right to both';

const CODES: Readonly<Record<string, string>> = {
  ELOOP: 'is a link that leads in a circle: remove it',
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: 'is on a disk that takes no writes: make it writable',
  ENAMETOOLONG: 'has too long a name for this disk: give a shorter output.name',
  EFBIG:
    'would be larger than its disk or a limit of this shell allows: raise it (ulimit -f), or choose another output.dir',
};

/** The folders from a batch's own to that of an output. */
function foldersDownTo(folder: string, path: string): string[] {
  const parent = dirname(path);
  return parent === folder || parent === path ? [] : [...foldersDownTo(folder, parent), parent];
}

/** What is written for an output. */
function filesOf(path: string): string[] {
  const sidecar = sidecarPath(path);
  return [path, partOf(path), `${partOf(path)}.validator`, sidecar, partOf(sidecar)];
}

/**
 * Why nothing is to be bought for an output's place: something is in the way, or a file lies there of which nobody knows
 * what it was made of, which may be the user's own or was paid for. `null`: what lies there is known, or nothing does.
 */
export async function whyTaken(folder: string, path: string): Promise<string | null> {
  return obstacleAt(folder, path) ?? (await whyOccupied(folder, path));
}

/** The same of a place that no obstacle is in the way of. */
export async function whyOccupied(folder: string, path: string): Promise<string | null> {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return null;
  try {
    return await whyUnknown(folder, path, facts);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return `${path} is there, and cannot be read: ${(error as Error).message}`;
  }
}

async function whyUnknown(folder: string, path: string, facts: Stats): Promise<string | null> {
  const sidecar = await readSidecar(sidecarPath(path));
  if (await isKept(folder, path, facts, sidecar)) return null;
  if (sidecar === null) return `${path} is there, and neither this state nor a sidecar tells what it was made of`;
  if (await isAsTold(path, facts, sidecar)) return null;
  return `${path} is there, and it is not the video that its sidecar tells of`;
}

async function isAsTold(path: string, { size }: Stats, told: Pick<Sidecar, 'bytes' | 'sha256'>): Promise<boolean> {
  return size === told.bytes && (await sha256File(path)) === told.sha256;
}

/**
 * Why a finished video is not made again: somebody put another file in its place. Who writes over it writes over its second
 * name among the earlier versions too, so that {@link whyTaken} takes it for kept. `null`: it lies there, or nothing does.
 */
export function whyNotRemade(standing: StandingVideo | null, path: string): string | null {
  if (standing?.output.path !== path || placeOf(standing.output) !== 'other') return null;
  return `${path} is not the video that is to be made again`;
}

/** Where earlier versions of outputs are kept, below a batch's folder. */
export const REPLACED_FOLDER = 'replaced';

/**
 * Where an earlier version of an output is kept.
 * @param mark what tells it from others: a fingerprint, or a hash
 */
export function replacedPath(folder: string, path: string, mark: string): string {
  const place = relative(folder, path).replaceAll(/[\\/]/g, '__');
  return join(folder, REPLACED_FOLDER, safeFileName(`${mark.slice(0, 12)}.${place}`));
}

/**
 * Whether a file is kept as an earlier version under a second name, since what is to take its place is on its way. Who writes
 * over it, as `cp` does, writes over that name too: then it is not what the sidecar tells of, and the user's own.
 * @param sidecar beside it
 */
export async function isKept(
  folder: string,
  path: string,
  facts: Stats,
  sidecar: Pick<Sidecar, 'fingerprint' | 'bytes' | 'sha256'> | null,
): Promise<boolean> {
  if (facts.nlink < 2) return false;
  if (sidecar !== null && !(await isAsTold(path, facts, sidecar))) return false;
  if (sidecar !== null && isSameFile(replacedPath(folder, path, sidecar.fingerprint), facts)) return true;
  return (await keptNames(folder, facts)).length > 0;
}

/** The paths that a file has among the earlier versions. */
export async function keptNames(folder: string, facts: Stats): Promise<string[]> {
  const replaced = join(folder, REPLACED_FOLDER);
  const names = existsSync(replaced) ? await readdir(replaced) : [];
  return names.map((name) => join(replaced, name)).filter((path) => isSameFile(path, facts));
}

function isSameFile(path: string, { ino, dev }: Stats): boolean {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts?.ino === ino && facts.dev === dev;
}
