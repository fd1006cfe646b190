import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type JobSnapshot, LocalizeError } from '@localize/core';
import type { ReportDocument } from '@localize/report';
import { makeFolder } from '@localize/runner';

/** A document of which some is there already, as bytes. */
export interface WritableDocument extends Omit<ReportDocument, 'head'> {
  readonly head: Iterable<string | Uint8Array>;
}

export interface DocumentFile {
  /** Absolute. */
  readonly path: string;
  readonly document: WritableDocument;
}

/**
 * Writes documents side by side in one pass over their jobs, none of them in memory as a whole. Each is under another
 * name until all are there: until then the former ones can be read.
 * @throws LocalizeError DISK_FULL, OUTPUT_UNWRITABLE
 */
export function writeDocuments(files: readonly DocumentFile[], jobs: Iterable<JobSnapshot>): void {
  const writers = files.map((file) => new DocumentWriter(file));
  try {
    for (const writer of writers) writer.begin();
    let index = 0;
    for (const job of jobs) {
      for (const writer of writers) writer.add(job, index);
      index += 1;
    }
    for (const writer of writers) writer.end();
    for (const writer of writers) writer.putInPlace();
  } catch (error) {
    for (const writer of writers) writer.discard();
    throw error;
  }
}

const PART = '.part';

/** Longer than any report takes from one write to the next. */
const STALE_MS = 3_600_000;

/** Removes what a process that was killed has left of documents in a folder. */
export function removeStaleParts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((each) => each.endsWith(PART))) {
    const path = join(folder, name);
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (modifiedMs !== undefined && Date.now() - modifiedMs > STALE_MS) rmSync(path, { force: true });
  }
}

/** Calls of the file system cost more than the bytes of one job. */
const WRITE_CHARACTERS = 64 * 1024;

class DocumentWriter {
  readonly #path: string;
  readonly #part: string;
  readonly #document: WritableDocument;
  #descriptor: number | null = null;
  /** Its part is on disk. */
  #isBegun = false;
  #waiting = '';

  constructor({ path, document }: DocumentFile) {
    this.#path = path;
    // Of this process alone: `localize report` may write the same documents while a run ends.
    this.#part = `${path}.${process.pid}${PART}`;
    this.#document = document;
  }

  begin(): void {
    this.#try(() => {
      makeFolder(dirname(this.#path));
      this.#descriptor = openSync(this.#part, 'w');
      this.#isBegun = true;
    });
    for (const piece of this.#document.head) {
      if (typeof piece === 'string') this.#write(piece);
      else this.#copy(piece);
    }
  }

  add(job: JobSnapshot, index: number): void {
    this.#write(this.#document.job(job, index));
  }

  end(): void {
    this.#write(this.#document.tail);
    this.#flush();
    this.#close();
  }

  putInPlace(): void {
    this.#try(() => renameSync(this.#part, this.#path));
  }

  discard(): void {
    this.#close();
    if (this.#isBegun) rmSync(this.#part, { force: true });
  }

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #write(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length >= WRITE_CHARACTERS) this.#flush();
  }

  #copy(bytes: Uint8Array): void {
    this.#flush();
    this.#writeBytes(bytes);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#writeBytes(bytes);
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#try(() => {
      let written = 0;
      while (written < bytes.length && this.#descriptor !== null) {
        written += writeSync(this.#descriptor, bytes, written);
      }
    });
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw unwritableReport(this.#path, error);
    }
  }
}

/** The run itself is not to blame, and is saved: DISK_FULL or OUTPUT_UNWRITABLE. */
export function unwritableReport(path: string, cause: unknown): LocalizeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new LocalizeError(isFull ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE', `no report at ${path}: ${message}`, {
    hint: 'the batch itself is saved; localize report writes the report again',
    cause,
  });
}
