import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

export interface StateLocation {
  /** The database. Absolute. */
  readonly path: string;
  /** Holds a folder for each emulated batch with what its emulator keeps: state, bucket, outputs. Absolute. */
  readonly emulatorDir: string;
}

const FOLDER = '.localize';

/**
 * Where a manifest's state lies: in the nearest ancestor that has a `.localize` folder, else beside the manifest.
 * Emulated batches have a database of their own, also where `--state` names one: an emulated result must never satisfy
 * a real job.
 * @param options.override absolute
 */
export function locateState(
  manifestPath: string,
  options: { emulate: boolean; override?: string | undefined },
): StateLocation {
  if (options.override !== undefined) return overridden(options.override, options.emulate);
  const folder = join(nearestStateParent(dirname(manifestPath)), FOLDER);
  return {
    path: join(folder, options.emulate ? 'emulated.db' : 'state.db'),
    emulatorDir: join(folder, 'emulator'),
  };
}

function overridden(path: string, emulate: boolean): StateLocation {
  const stem = basename(path, extname(path));
  const sibling = (name: string) => join(dirname(path), name);
  return {
    path: emulate ? sibling(`${stem}.emulated${extname(path)}`) : path,
    emulatorDir: sibling(`${stem}.emulator`),
  };
}

function nearestStateParent(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, FOLDER))) return folder;
    if (dirname(folder) === folder) return start;
  }
}
