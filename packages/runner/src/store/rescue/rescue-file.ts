import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { type JsonObject, LocalizeError, type Micros } from '@localize/core';
import { isBusy } from '../open/unless-busy.js';

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
  // Of a file that has only its room, splitting would make a quarter of a million lines.
  return (bytes.toString().match(/[^\n]+/g) ?? []).filter((line) => line.trim() !== '');
}

/** The state could not take the id of a prediction. */
export class IdNotSavedError extends LocalizeError {
  readonly predictionId: string;
  /** The file that has it; `null` where only standard error does. */
  readonly savedIn: string | null;

  constructor(predictionId: string, savedIn: string | null, paths: RescuePaths, cause: unknown) {
    const message = `the state could not take the id of prediction ${predictionId}`;
    super('ID_NOT_SAVED', message, {
      hint: hintFor(savedIn === null ? 1 : 0, [savedIn ?? paths.shared], cause),
      cause,
    });
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
        hint: hintFor(unsaved, files, first.cause),
        cause: first.cause,
      },
    );
  }
}

function hintFor(unsaved: number, files: readonly string[], cause: unknown): string {
  const mend = isBusy(cause)
    ? 'another program holds the state’s lock: let it end, then run again'
    : 'free the disk and run again';
  const where = files.join(' and ');
  if (unsaved === 0) return `kept in ${where} and imported by the next run; ${mend}`;
  const lines = unsaved === 1 ? 'the line above that is' : `each of the ${unsaved} lines above that are`;
  return `nor could a file take ${unsaved === 1 ? 'it' : 'them'}: append ${lines} a paid prediction, from its { on, to ${where} by hand, then run again`;
}

/**
 * The id of a paid prediction beside the state while that cannot take it: first in the batch's own file, which has the room
 * and which nobody else touches, so that the line can be taken out again; at last in the one that all batches import.
 */
export class KeptCreate {
  readonly #paths: RescuePaths;
  readonly #create: AcceptedCreate;
  readonly #line: string;
  /** Where the line begins in the batch's own file; `null`: it is not there. */
  #at: number | null = null;
  #isShared = false;
  #isSaid = false;

  constructor(paths: RescuePaths, create: AcceptedCreate) {
    this.#paths = paths;
    this.#create = create;
    this.#line = `${JSON.stringify(create)}\n`;
  }

  /** Whether it stands in a file. */
  get isKept(): boolean {
    return this.#at !== null || this.#isShared;
  }

  /** On the disk when it returns; on standard error where no file takes it. */
  keep(): void {
    if (this.isKept) return;
    this.#fillIn();
    if (!this.isKept) this.#append();
    if (!this.isKept) this.#say();
  }

  /**
   * The state has it by now. A line in the file that all batches share stays there, since another may be writing to it: the
   * next start finds that it knows the id.
   */
  forget(): void {
    if (this.#at === null) return;
    blank(this.#paths.reserved, this.#at, this.#line);
    this.#at = null;
  }

  /**
   * The last resort: one line beside the state and on standard error.
   * @throws IdNotSavedError always: the run must end, since the state can no longer guard the money.
   */
  giveUp(cause: unknown): never {
    this.#say();
    this.#append();
    if (this.#isShared) this.forget();
    else if (this.#at === null) this.#fillIn();
    const { shared, reserved } = this.#paths;
    const savedIn = this.#isShared ? shared : this.#at === null ? null : reserved;
    throw new IdNotSavedError(this.#create.predictionId, savedIn, this.#paths, cause);
  }

  #fillIn(): void {
    isWritten(() => {
      this.#at = fillIn(this.#paths.reserved, this.#line);
    });
  }

  #append(): void {
    this.#isShared ||= isWritten(() => append(this.#paths.shared, this.#line));
  }

  #say(): void {
    if (this.#isSaid) return;
    process.stderr.write(`localize: keep this line, it is a paid prediction: ${this.#line}`);
    this.#isSaid = true;
  }
}

function isWritten(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    // Whatever it was: the next place is tried, and where none is left the line stands on standard error.
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

/** Writes over blank lines of the file, which takes no new room on the disk. @returns where the line begins */
function fillIn(path: string, line: string): number {
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
  return end + 1;
}

/** Need not be on the disk: a line that is known already is imported without effect. */
function blank(path: string, at: number, line: string): void {
  isWritten(() => {
    const file = openSync(path, 'r+');
    try {
      writeWhole(file, Buffer.alloc(Buffer.byteLength(line), LINE_END), at);
    } finally {
      closeSync(file);
    }
  });
}

/** A disk that runs full takes a part, and says so with the next. */
function writeWhole(file: number, content: Buffer, position: number | null): void {
  for (let done = 0; done < content.length; ) {
    done += writeSync(file, content, done, content.length - done, position === null ? null : position + done);
  }
}

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
