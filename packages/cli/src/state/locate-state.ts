import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { ChosenState } from './choose-state.js';

export interface StateLocation {
  /** The database. Absolute. */
  readonly path: string;
  /** The one that emulated batches have. Absolute. */
  readonly emulatedPath: string;
  /** What made it this one, in words. */
  readonly origin: string;
  /** Holds a folder for each emulated batch with what its emulator keeps: state, bucket, outputs. Absolute. */
  readonly emulatorDir: string;
  /** Logs of what runs did. Absolute. */
  readonly logDir: string;
  /** What manifests came to when they were last carried out. Absolute. */
  readonly plansDir: string;
}

const FOLDER = '.localize';

/**
 * Where a manifest's state lies: in the nearest ancestor that has a `.localize` folder, else beside the manifest.
 * Emulated batches have a database of their own, also where somebody names one: an emulated result must never satisfy a
 * real job.
 */
export function locateState(
  manifestPath: string,
  options: { emulate: boolean; override?: ChosenState | null },
): StateLocation {
  if (options.override) return overridden(options.override, options.emulate);
  const parent = nearestStateParent(dirname(manifestPath));
  const folder = join(parent, FOLDER);
  const emulatedPath = join(folder, 'emulated.db');
  return {
    origin: parent === dirname(manifestPath) ? 'beside the manifest' : `the nearest ${FOLDER} above the manifest`,
    path: options.emulate ? emulatedPath : join(folder, 'state.db'),
    emulatedPath,
    emulatorDir: join(folder, 'emulator'),
    logDir: join(folder, 'logs'),
    plansDir: join(folder, 'plans'),
  };
}

function overridden({ path, origin }: ChosenState, emulate: boolean): StateLocation {
  const stem = basename(path, extname(path));
  const sibling = (name: string) => join(dirname(path), name);
  const emulatedPath = sibling(`${stem}.emulated${extname(path)}`);
  return {
    origin,
    path: emulate ? emulatedPath : path,
    emulatedPath,
    emulatorDir: sibling(`${stem}.emulator`),
    logDir: sibling(`${stem}.logs`),
    plansDir: sibling(`${stem}.plans`),
  };
}

function nearestStateParent(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, FOLDER))) return folder;
    if (dirname(folder) === folder) return start;
  }
}
