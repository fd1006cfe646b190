import { accessSync, constants, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LocalizeError, megabytes } from '@localize/core';
import {
  batchFolder,
  freeBytes,
  nearestExisting,
  neededBytes,
  neededFor,
  openStore,
  storeExists,
} from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import type { StateLocation } from '../state/locate-state.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** Where state and outputs go: which database, may we write, is there room. */
export function checkFolders({ location, plan }: LoadedBatch): Finding[] {
  const state = dirname(location.path);
  const outputs = batchFolder(plan);
  return [
    checkState(location),
    checkWritable('state folder', state),
    checkWritable('output folder', outputs),
    checkRoom('state disk', state, neededBytes(0)),
    checkRoom('output disk', outputs, neededFor([...plan.jobs])),
  ];
}

function checkState({ path, origin }: StateLocation): Finding {
  try {
    if (!storeExists(path)) return ok('state', `${path} (${origin}; not made yet)`);
    refuseNetworkFolder(path);
    openStore(path, { readonly: true }).close();
    return isWritable(path)
      ? ok('state', `${path} (${origin})`)
      : fail('state', `${path} (${origin}) cannot be written`, `give yourself the right to write ${path}`);
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    const mend = error.hint ?? 'name another file with --state';
    // A state of an earlier version is no fault: the next run migrates it. A fault of the machine has a cause.
    const isOlder = error.code === 'STATE_UNUSABLE' && error.cause === undefined;
    return isOlder ? warn('state', error.message, mend) : fail('state', error.message, mend);
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Writes into the nearest folder that exists; the folders below it are made by the first run, not by a look. */
function checkWritable(about: string, folder: string): Finding {
  const existing = nearestExisting(folder);
  if (!statSync(existing).isDirectory()) {
    return fail(about, `${existing} is a file where ${folder} must be`, 'move that file, or choose another folder');
  }
  const probe = join(existing, `.localize-doctor-${process.pid}`);
  try {
    writeFileSync(probe, '');
    rmSync(probe);
    return ok(about, `${folder} can be written`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(about, why, `give yourself the right to write in ${existing}, or choose another folder`);
  }
}

function checkRoom(about: string, folder: string, needed: number): Finding {
  const free = freeBytes(folder);
  const facts = `${megabytes(free)} free where the whole batch wants ${megabytes(needed)}`;
  if (free < neededBytes(0)) return fail(about, facts, `free at least ${megabytes(neededBytes(0))}`);
  return free >= needed
    ? ok(about, facts)
    : warn(about, facts, 'free some space; a run stops before it buys what would not fit');
}
