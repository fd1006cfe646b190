import { existsSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LocalizeError, nearestWord } from '@localize/core';
import { COMMAND_NAMES } from '../command-examples.js';
import { displayPath } from '../output/display-path.js';
import { nearestFile } from './nearest-file.js';
import { unreadable } from './read-text-file.js';

const DEFAULT_NAME = 'manifest.yaml';

/** A manifest as the user named it and as it is found. */
export interface ManifestPath {
  readonly absolute: string;
  /** As the user would type it again. */
  readonly typed: string;
  /** What will stand there; absent: what stands there. */
  readonly draft?: string;
}

/**
 * Finds the manifest that the command line names: a file, a folder with a `manifest.yaml`, or nothing for
 * `./manifest.yaml`.
 * @throws LocalizeError MANIFEST_MISSING, MANIFEST_UNREADABLE, USAGE
 */
export function findManifest(cwd: string, argument: string | undefined): ManifestPath {
  // A variable that was not set names no manifest, least of all the one that happens to be here.
  if (argument === '') {
    throw new LocalizeError('USAGE', 'the manifest’s path is empty', { hint: `leave it out for ./${DEFAULT_NAME}` });
  }
  const typed = argument ?? DEFAULT_NAME;
  const absolute = resolve(cwd, typed);
  const facts = factsOf(absolute, typed);
  if (facts?.isDirectory() && existsSync(join(absolute, DEFAULT_NAME))) {
    return { absolute: join(absolute, DEFAULT_NAME), typed: join(typed, DEFAULT_NAME) };
  }
  if (facts?.isDirectory()) throw missing(typed, argument, `${typed} is a folder without a ${DEFAULT_NAME}`);
  if (facts === undefined) throw missing(typed, argument, `there is no file ${typed}`, nearestManifest(absolute, cwd));
  return { absolute, typed };
}

function factsOf(path: string, typed: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(typed, error);
  }
}

/** The manifest that was most likely meant, as the user would type it. */
function nearestManifest(path: string, cwd: string): string | null {
  const nearest = nearestFile(path);
  return nearest !== null && /\.ya?ml$/i.test(nearest) ? displayPath(nearest, cwd) : null;
}

function missing(
  typed: string,
  argument: string | undefined,
  what: string,
  nearest: string | null = null,
): LocalizeError {
  if (argument === undefined) {
    return new LocalizeError('MANIFEST_MISSING', `there is no ${DEFAULT_NAME} in this folder`, {
      hint: 'name one: localize path/to/manifest.yaml; localize init writes one; localize --help lists the commands',
    });
  }
  if (nearest !== null) return new LocalizeError('MANIFEST_MISSING', what, { hint: `did you mean ${nearest}?` });
  const hint = /[./\\]/.test(typed)
    ? 'check the path; relative paths start in the folder where the command is called'
    : commandHint(typed);
  return new LocalizeError('MANIFEST_MISSING', what, { hint });
}

function commandHint(typed: string): string {
  const nearest = nearestWord(typed, COMMAND_NAMES);
  return nearest === null
    ? `if ${typed} was meant as a command: localize --help lists the commands`
    : `if ${typed} was meant as a command: did you mean localize ${nearest}?`;
}
