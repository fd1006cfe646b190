import { existsSync, lstatSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { ORIGINALS_FOLDER } from '@localize/core';
import { sha256File } from '../content/hash-file.js';
import { outputOf, readSidecar, sidecarPath, updateSidecar } from '../content/sidecar.js';
import { syncFolderOf } from '../content/synced-file.js';
import { makeFolder } from '../output/make-folder.js';
import { keptPath } from '../output/output-paths.js';
import { isKept, keptNames, replacedPath } from '../output/output-place.js';
import type { RunContext } from '../run-context.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import { keepAs, withKept } from './kept-original.js';

/**
 * Keeps what lies where a video is about to be put, whoever made it: among the earlier versions, and it says so. Nothing is
 * done where the same bytes lie there, or what lies there is kept already. A link is only a name of what it leads to.
 * @param coming what takes the place
 */
export async function makeWay(
  context: RunContext,
  key: string,
  coming: Pick<FinishedOutput, 'path' | 'sha256' | 'bytes'>,
): Promise<void> {
  const { path } = coming;
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (!facts?.isFile()) return;
  const sidecar = await readSidecar(sidecarPath(path));
  if (await isKept(context.folder, path, facts, sidecar)) return;
  const sha256 = await sha256File(path);
  if (sha256 === coming.sha256) return;
  if (sidecar?.sha256 === sha256) {
    await keepVersion(context, outputOf(path, sidecar), sidecar.fingerprint);
    return;
  }
  const target = await freePath(replacedPath(context.folder, path, sha256), path);
  makeFolder(dirname(target));
  await rename(path, target);
  // Who wrote over the kept video did so under each of its names: none of them is that video any more.
  for (const name of await keptNames(context.folder, facts)) if (name !== target) await rm(name);
  // One that can be read tells of what was bought, and is written anew.
  if (sidecar === null && existsSync(sidecarPath(path))) await rename(sidecarPath(path), sidecarPath(target));
  await syncFolderOf(target);
  const message = `${path} was not what a run had put there; it is kept as ${target}, and the video takes its place`;
  context.journal.tell({ type: 'problem', key, message });
}

/**
 * Keeps an output among the earlier versions, under a second name: it stays where it is too.
 * @returns the path there
 */
export async function keepVersion({ folder }: RunContext, output: FinishedOutput, mark: string): Promise<string> {
  const target = await freePath(replacedPath(folder, output.path, mark), output.path);
  await keepAs(output.path, target);
  const original = join(folder, ORIGINALS_FOLDER, 'replaced', basename(target));
  await updateSidecar(await withKept({ ...output, path: target }, keptPath(output), original), { from: output.path });
  return target;
}

/** The path itself, or one like it where another file has that name. @param file what is to have it */
async function freePath(path: string, file: string): Promise<string> {
  const ending = extname(path);
  for (let count = 1; ; count += 1) {
    const named = count === 1 ? path : `${path.slice(0, path.length - ending.length)}-${count}${ending}`;
    if (!existsSync(named) || (await sha256File(named)) === (await sha256File(file))) return named;
  }
}
