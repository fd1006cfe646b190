import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { type JsonObject, LocalizeError, type Micros } from '@localize/core';

/** What must not be forgotten of an accepted create. */
export interface AcceptedCreate {
  readonly attemptId: string;
  readonly predictionId: string;
  readonly reference: JsonObject;
  readonly costMicros: Micros | null;
  readonly atMs: number;
}

/** A state's rescue file, and the one of a batch that has its room already. */
export interface RescuePaths {
  readonly shared: string;
  readonly reserved: string;
}

export function rescuePaths(statePath: string, batch: string): RescuePaths {
  const name = createHash('sha256').update(batch).digest('hex').slice(0, 16);
  return { shared: `${statePath}.rescue.jsonl`, reserved: `${statePath}.rescue-${name}.jsonl` };
}

/** A line takes about half a kilobyte, and no lane has more than some hundreds of creates in flight. */
const RESERVED_BYTES = 256 * 1024;
const LINE_END = 0x0a;

/**
 * Takes room for the ids of creates in flight while there is some: a full disk takes no new line, but bytes that are there
 * can be written over. Blank lines, so that it is a rescue file with nothing in it. Only the batch's holder touches it.
 * @throws the file system's error
 */
export function reserveRescueFile({ reserved }: RescuePaths): void {
  const file = openSync(reserved, 'w');
  try {
    writeWhole(file, Buffer.alloc(RESERVED_BYTES, LINE_END), 0);
    fsyncSync(file);
  } catch (error) {
    rmSync(reserved, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Gives the room back, unless a line is in it. */
export function releaseRescueFile({ reserved }: RescuePaths): void {
  if (rescuedLines(readOrNothing(reserved)).length === 0) rmSync(reserved, { force: true });
}

export function rescuedLines(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** The state could not take the id of a prediction. */
export class IdNotSavedError extends LocalizeError {
  readonly predictionId: string;
  /** The file that has it; `null` where only standard error does. */
  readonly savedIn: string | null;

  constructor(predictionId: string, savedIn: string | null, paths: RescuePaths, cause: unknown) {
    const message = `the state could not take the id of prediction ${predictionId}`;
    super('ID_NOT_SAVED', message, { hint: hintFor(savedIn === null ? 1 : 0, [savedIn ?? paths.shared]), cause });
    this.predictionId = predictionId;
    this.savedIn = savedIn;
  }

  /** One error that tells of all of them. */
  static together(errors: readonly IdNotSavedError[], { shared }: RescuePaths): LocalizeError {
    const [first] = errors;
    if (first === undefined) throw new Error('no id that was not saved');
    if (errors.length === 1) return first;
    const ids = errors.map(({ predictionId }) => predictionId).join(', ');
    const unsaved = errors.filter(({ savedIn }) => savedIn === null).length;
    const files = unsaved > 0 ? [shared] : [...new Set(errors.flatMap(({ savedIn }) => savedIn ?? []))];
    return new LocalizeError(
      'ID_NOT_SAVED',
      `the state could not take the ids of ${errors.length} predictions: ${ids}`,
      {
        hint: hintFor(unsaved, files),
        cause: first.cause,
      },
    );
  }
}

function hintFor(unsaved: number, files: readonly string[]): string {
  const where = files.join(' and ');
  if (unsaved === 0) return `kept in ${where} and imported by the next run; free the disk and run again`;
  const lines = unsaved === 1 ? 'the line above that is' : `each of the ${unsaved} lines above that are`;
  return `nor could a file take ${unsaved === 1 ? 'it' : 'them'}: append ${lines} a paid prediction, from its { on, to ${where} by hand, then run again`;
}

/**
 * The last resort when the state cannot take a prediction's id: one line beside the state and on standard error.
 * @throws IdNotSavedError always: the run must end, since the state can no longer guard the money.
 */
export function rescue(paths: RescuePaths, create: AcceptedCreate, cause: unknown): never {
  const line = `${JSON.stringify(create)}\n`;
  process.stderr.write(`localize: keep this line, it is a paid prediction: ${line}`);
  const savedIn = [
    { path: paths.shared, write: append },
    { path: paths.reserved, write: fillIn },
  ].find(({ path, write }) => isWritten(() => write(path, line)));
  throw new IdNotSavedError(create.predictionId, savedIn?.path ?? null, paths, cause);
}

function isWritten(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    // Whatever it was: the next place is tried, and the line stands on standard error.
    return false;
  }
}

function append(path: string, line: string): void {
  const file = openSync(path, 'a');
  try {
    // A line that an earlier full disk cut short must not swallow this one.
    writeWhole(file, Buffer.from(`\n${line}`), null);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes over blank lines of the file, which takes no new room on the disk. */
function fillIn(path: string, line: string): void {
  const before = readFileSync(path, 'latin1');
  const end = before.trimEnd().length;
  const added = Buffer.from(`\n${line}`);
  if (end + added.length > before.length) throw new Error(`${path} is full`);
  const file = openSync(path, 'r+');
  try {
    writeWhole(file, added, end);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A disk that runs full takes a part, and says so with the next. */
function writeWhole(file: number, content: Buffer, position: number | null): void {
  for (let done = 0; done < content.length; ) {
    done += writeSync(file, content, done, content.length - done, position === null ? null : position + done);
  }
}

export function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
