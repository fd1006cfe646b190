import { appendFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { plainText } from '@localize/core';
import type { Journal } from '../journal.js';
import { findRow } from '../rows.js';
import { isOpenIn } from '../schema/attempt-states.js';
import { attempts, jobs } from '../schema/schema.js';
import type { AttemptRow } from '../store.js';
import { type AcceptedCreate, type RescuePaths, rescuedLines, rescuePaths } from './rescue-file.js';

/**
 * Takes in what a former run had to leave in the rescue file, before anything else is done. A line that says nothing to
 * this state is told and kept beside it, and keeps no run from its work.
 */
export function importRescueFile(journal: Journal, batch: string): void {
  const paths = rescuePaths(journal.store.path, batch);
  importFile(journal, paths.reserved, paths);
  importFile(journal, paths.shared, paths);
}

function importFile(journal: Journal, path: string, { shared }: RescuePaths): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const lines = rescuedLines(bytes);
  journal.transact(() => {
    for (const line of lines) {
      const create = readLine(line);
      if (create === null || !importCreate(journal, create)) {
        const message = `a line of the rescue file could not be used and is kept in ${shared}.imported: ${line}`;
        journal.tell({ type: 'problem', message: plainText(message, 1_000) });
      }
    }
  });
  if (lines.length > 0) appendFileSync(`${shared}.imported`, `${lines.join('\n')}\n`);
  // A run of another batch may have added to it just now; all of it is then read again by the next start.
  if (statSync(path).size === bytes.length) rmSync(path);
}

function readLine(line: string): AcceptedCreate | null {
  try {
    const create = JSON.parse(line) as Partial<AcceptedCreate>;
    const whole = typeof create.attemptId === 'string' && typeof create.predictionId === 'string';
    return whole ? (create as AcceptedCreate) : null;
  } catch {
    // Cut short by the very disk that was full.
    return null;
  }
}

/** @returns whether the prediction has its attempt now, or had it before. */
function importCreate(journal: Journal, create: AcceptedCreate): boolean {
  const attempt = findRow(journal.store, attempts, 'WHERE id = ?', create.attemptId);
  if (attempt === undefined) return false;
  const isOwner = 'WHERE provider = ? AND prediction_id = ?';
  const owner = findRow(journal.store, attempts, isOwner, attempt.provider, create.predictionId);
  if (owner !== undefined) return true;
  if (!canAccept(journal, attempt)) return false;
  const { predictionId, reference, costMicros: quotedMicros, atMs: acceptedAt } = create;
  journal.moveAttempt(attempt, 'accept', {
    predictionId,
    reference,
    quotedMicros,
    acceptedAt,
    repliedAt: attempt.repliedAt ?? acceptedAt,
    pollAt: journal.clock.nowMs(),
    searchAt: null,
    failure: null,
  });
  const job = findRow(journal.store, jobs, 'WHERE id = ?', attempt.jobId);
  if (job?.state === 'submitting') journal.moveJob(job, 'accepted');
  else if (job?.attemptId === attempt.id && (job.state === 'held' || job.state === 'failed')) {
    journal.moveJob(job, 'found', { failure: null });
  }
  return true;
}

/** Not when the user has settled it otherwise meanwhile, or bought the job again. */
function canAccept(journal: Journal, attempt: AttemptRow): boolean {
  if (!['intended', 'uncertain', 'abandoned'].includes(attempt.state)) return false;
  const isOpen = `WHERE job_id = ? AND id <> ? AND ${isOpenIn('')}`;
  return findRow(journal.store, attempts, isOpen, attempt.jobId, attempt.id) === undefined;
}
