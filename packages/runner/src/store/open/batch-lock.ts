import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LocalizeError } from '@localize/core';
import Database from 'better-sqlite3';
import { makeFolder } from '../../output/make-folder.js';
import { unlessBusy } from './unless-busy.js';

/** Others hold a lock for moments when they look whether its holder lives; only who holds it longer is a run. */
const LOOKS_LAST_MS = 250;

export interface BatchLock {
  release(): void;
}

/** Who holds a batch, for the message that a second run prints. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** SHA-256 of its manifest's text as it began; absent where it has none, or that is no file. */
  readonly manifest?: string | undefined;
}

/**
 * Takes the batch: an exclusive transaction held open on a small database of its own. The operating system frees it
 * when the holder dies, by whatever death, and keeps it while the holder is only stopped or asleep; so there is no
 * unlock command and no guess by process id.
 * @throws LocalizeError BATCH_LOCKED when another process holds it.
 */
export function takeBatchLock(statePath: string, batch: string, holder: Holder): BatchLock {
  const file = lockFile(statePath, batch);
  const lock = lockDatabase(file, LOOKS_LAST_MS);
  if (lock === null) throw locked(batch, readHolder(file));
  writeFileSync(`${file}.holder.json`, JSON.stringify(holder));
  return lock;
}

/**
 * Takes a batch that no live process holds for as long as `work` lasts.
 * @returns whether it was free
 */
export function whileUnheld(statePath: string, batch: string, work: () => void): boolean {
  const lock = lockDatabase(lockFile(statePath, batch), 0);
  if (lock === null) return false;
  try {
    work();
    return true;
  } finally {
    lock.release();
  }
}

/** @returns `null` when another process holds it all that time. */
function lockDatabase(file: string, waitMs: number): BatchLock | null {
  makeFolder(dirname(file));
  const sqlite = new Database(file, { timeout: waitMs });
  let took = false;
  try {
    took = unlessBusy(() => {
      // Not WAL: there an exclusive transaction would still let others in.
      sqlite.pragma('journal_mode = DELETE');
      sqlite.exec('BEGIN EXCLUSIVE');
    });
  } finally {
    if (!took) sqlite.close();
  }
  if (!took) return null;
  return {
    release: () => {
      sqlite.exec('ROLLBACK');
      sqlite.close();
    },
  };
}

/**
 * Refuses a batch that a live process holds, without taking it.
 * @throws LocalizeError BATCH_LOCKED, naming the holder
 */
export function refuseHeldBatch(statePath: string, batch: string): void {
  if (isAtWork(statePath, batch)) throw locked(batch, readHolder(lockFile(statePath, batch)));
}

/** Whether a run of the batch is at work; makes no file where there is none. */
export function isAtWork(statePath: string, batch: string): boolean {
  return existsSync(lockFile(statePath, batch)) && isBatchHeld(statePath, batch);
}

/** Whether some live process holds the batch: asked by a read, which others who look do not take for a holder. */
function isBatchHeld(statePath: string, batch: string): boolean {
  const sqlite = new Database(lockFile(statePath, batch), { readonly: true, timeout: 0 });
  try {
    return !unlessBusy(() => sqlite.prepare('SELECT 1 FROM sqlite_schema').get());
  } finally {
    sqlite.close();
  }
}

/** What to say of a batch that was run before, and whose state is not there any more; `null`: none such. */
export function lostState(statePath: string, batch: string): string | null {
  if (existsSync(statePath) || !existsSync(lockFile(statePath, batch))) return null;
  return `the state that ${batch} had is gone (${statePath}): what it had bought and not fetched would be bought again. Put it back if there is a copy; what lies in the output folder is taken over`;
}

/** SHA-256 of the manifest's text with which the run at work on a batch began; `null`: nobody knows. */
export function manifestAtWork(statePath: string, batch: string): string | null {
  return readHolder(lockFile(statePath, batch))?.manifest ?? null;
}

function lockFile(statePath: string, batch: string): string {
  const name = createHash('sha256').update(batch).digest('hex').slice(0, 16);
  return join(`${statePath}.locks`, `${name}.db`);
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(`${file}.holder.json`, 'utf8')) as Holder;
  } catch {
    // The lock itself does not depend on it, and what nobody knows of its manifest counts as edited.
    return null;
  }
}

function locked(batch: string, holder: Holder | null): LocalizeError {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process';
  return new LocalizeError('BATCH_LOCKED', `the batch ${batch} is held by ${who}`, {
    hint: `wait for that run to end, or stop it${holder ? ` (Ctrl-C, or: kill -INT ${holder.pid})` : ''}`,
  });
}
