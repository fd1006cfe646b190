import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { type JsonObject, LocalizeError, type Micros } from '@localize/core';
import { eq } from 'drizzle-orm';
import type { Journal } from './journal.js';
import { attempts, jobs } from './schema.js';

/** What must not be forgotten of an accepted create. */
export interface AcceptedCreate {
  readonly attemptId: string;
  readonly predictionId: string;
  readonly reference: JsonObject;
  readonly costMicros: Micros | null;
  readonly atMs: number;
}

const rescuePath = (statePath: string) => `${statePath}.rescue.jsonl`;

/**
 * The last resort when the state cannot take a prediction's id: one line beside the state and on standard error.
 * @throws LocalizeError ID_NOT_SAVED always: the run must end, since the state can no longer guard the money.
 */
export function rescue(statePath: string, create: AcceptedCreate, cause: unknown): never {
  const line = `${JSON.stringify(create)}\n`;
  process.stderr.write(`localize: keep this line, it is a paid prediction: ${line}`);
  const path = rescuePath(statePath);
  let saved = true;
  try {
    const file = openSync(path, 'a');
    writeSync(file, line);
    fsyncSync(file);
    closeSync(file);
  } catch {
    saved = false;
  }
  throw new LocalizeError('ID_NOT_SAVED', `the state could not take the id of prediction ${create.predictionId}`, {
    hint: saved
      ? `it is kept in ${path} and is imported by the next run; free the disk and run again`
      : `nor could ${path}: append the line above to it by hand, then run again`,
    cause,
  });
}

/** Takes in what a former run had to leave in the rescue file, before anything else is done. */
export function importRescueFile(journal: Journal): number {
  const path = rescuePath(journal.store.path);
  if (!existsSync(path)) return 0;
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  journal.transact(() => {
    for (const line of lines) importLine(journal, JSON.parse(line) as AcceptedCreate);
  });
  appendFileSync(`${path}.imported`, `${lines.join('\n')}\n`);
  renameSync(path, `${path}.last`);
  return lines.length;
}

function importLine(journal: Journal, create: AcceptedCreate): void {
  const attempt = journal.store.db.select().from(attempts).where(eq(attempts.id, create.attemptId)).get();
  if (attempt === undefined || attempt.predictionId !== null) return;
  const patch = {
    predictionId: create.predictionId,
    reference: create.reference,
    quotedMicros: create.costMicros,
    acceptedAt: create.atMs,
    repliedAt: attempt.repliedAt ?? create.atMs,
    pollAt: journal.clock.nowMs(),
    failure: null,
  };
  journal.moveAttempt(attempt, 'accept', patch);
  const job = journal.store.db.select().from(jobs).where(eq(jobs.id, attempt.jobId)).get();
  if (job?.state === 'submitting') journal.moveJob(job, 'accepted');
  else if (job?.state === 'held' || job?.state === 'failed') journal.moveJob(job, 'found', { failure: null });
}
