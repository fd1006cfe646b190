import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError, megabytes, type PlannedJob } from '@localize/core';
import type { RunContext } from '../run-context.js';
import { prepared } from '../store/prepared.js';
import { nearestExisting } from './nearest-existing.js';

/** Outputs of these routes are a few hundred kilobytes a second; this is meant to be too much rather than too little. */
const BYTES_A_SECOND = 1_000_000;
const UNKNOWN_SECONDS = 60;
/** Kept free for the state and for the rest of the machine. */
const RESERVE_BYTES = 100_000_000;
const LOOK_AGAIN_MS = 1_000;

/** What one job's output may need on disk, in bytes. */
function expectedBytes(job: Pick<PlannedJob, 'durationMs'>): number {
  const seconds = job.durationMs === null ? UNKNOWN_SECONDS : Math.ceil(job.durationMs / 1000);
  return seconds * BYTES_A_SECOND;
}

/**
 * What must be free on a disk before a run goes on to buy outputs that need so much there, in bytes: the one figure that
 * `plan` shows, `doctor` checks and a run demands.
 */
export function neededBytes(outputBytes: number): number {
  return outputBytes + RESERVE_BYTES;
}

/** The same for these jobs; 0 where nothing is to come. */
export function neededFor(jobs: readonly Pick<PlannedJob, 'durationMs'>[]): number {
  return jobs.length === 0 ? 0 : neededBytes(jobs.reduce((sum, job) => sum + expectedBytes(job), 0));
}

/** Free bytes on the disk of a folder that may not exist yet. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  return bavail * bsize;
}

/**
 * Guards creates by the disks: nothing is bought that the output disk or the state's disk could not take, counting what
 * is already under way.
 */
export class DiskSpace {
  readonly #context: RunContext;
  #free = 0;
  #freeForState = 0;
  /** Bytes that outputs under way may still need: those at the last look, and what was bought since. */
  #underWay = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Why the next output has no room; `null` when it has. */
  refusal(durationMs: number | null): LocalizeError | null {
    this.#look();
    const needed = neededBytes(this.#underWay + expectedBytes({ durationMs }));
    if (this.#free < needed) {
      return tooFull(`${megabytes(this.#free)} are free where outputs under way and the next one may need`, needed);
    }
    if (this.#freeForState < neededBytes(0)) {
      return tooFull(`${megabytes(this.#freeForState)} are free where the state should have`, neededBytes(0));
    }
    return null;
  }

  /** Counts an output that was bought after the last look. */
  expect(durationMs: number | null): void {
    this.#underWay += expectedBytes({ durationMs });
  }

  /** Asks the disks and the state, but not for every create. */
  #look(): void {
    const now = this.#context.clock.nowMs();
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return;
    const look = this.#context.options.freeBytes ?? freeBytes;
    this.#free = look(this.#context.folder);
    this.#freeForState = look(dirname(this.#context.store.path));
    this.#underWay = this.#bytesUnderWay();
    this.#lookedAt = now;
  }

  #bytesUnderWay(): number {
    const row = prepared<[number], { seconds: number | null }>(
      this.#context.store,
      `SELECT sum(coalesce((planned ->> 'durationMs' + 999) / 1000, ${UNKNOWN_SECONDS})) AS seconds FROM jobs
         WHERE batch_id = ? AND state IN ('submitting', 'processing', 'downloading')`,
    ).get(this.#context.batchId);
    return (row?.seconds ?? 0) * BYTES_A_SECOND;
  }
}

/** Codes of files and of SQLite that say that there is no room. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/**
 * Whether something failed for want of room. SQLite says of some writes on a full disk only that they failed.
 * @param folder where it was to be written, if that is known
 */
export function isForWantOfRoom(error: unknown, folder?: string): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (NO_ROOM.has(code)) return true;
  return /^SQLITE_(IOERR|CANTOPEN)/.test(code) && folder !== undefined && freeBytes(folder) === 0;
}

/** That a disk is full: which, how much is free there, and what is needed for a state. */
export function diskFull(folder: string, cause: unknown): LocalizeError {
  const [free, needed] = [freeBytes(folder), neededBytes(0)].map(megabytes);
  return new LocalizeError(
    'DISK_FULL',
    `the disk of ${folder} is full: ${free} are free there, and ${needed} should be`,
    {
      hint: 'free some space there, then run again: nothing that was paid for is lost',
      cause,
    },
  );
}

function tooFull(words: string, neededBytes: number): LocalizeError {
  return new LocalizeError('DISK_FULL', `${words} ${megabytes(neededBytes)}`, {
    hint: 'free some space, then run again; no further create was sent',
  });
}
