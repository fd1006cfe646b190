import { formatUsd, LocalizeError, plainText } from '@localize/core';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { prepared } from '../store/prepared.js';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';
import type { Settlement } from './settle.js';

/**
 * The attempt of a job that a settlement is about.
 * @throws LocalizeError SETTLE_NOT_POSSIBLE
 */
export function meantAttempt(store: Store, job: JobRow, settlement: Settlement): AttemptRow {
  const unsettled = store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, job.id), inArray(attempts.state, ['uncertain', 'abandoned'])))
    .all();
  const named = namedBy(settlement);
  if (named !== null) return namedFailure(store, job, { named, word: settlement.kind, unsettled });
  const found = meantBy(settlement, unsettled) ?? besides(store, job, settlement, unsettled);
  if (found !== undefined) return found;
  const known = unsettled.at(-1)?.predictionId ?? null;
  if (known !== null) {
    throw notPossible(
      `${job.key} was bought as ${known}, and its provider may still end that`,
      'each run asks for it, and books its bill and takes its result once there is one',
    );
  }
  const what = {
    prediction: 'no create whose reply was lost',
    abandon: 'no create whose reply was lost, and no prediction that no key is left for',
    'not-bought': 'no create whose reply was lost, and no failure of which nobody says whether it was charged',
    charged: 'no create whose reply was lost, and no prediction of which its provider does not say what it cost',
  };
  throw notPossible(`${job.key} has ${what[settlement.kind]}`, STATUS_SHOWS);
}

const STATUS_SHOWS = 'localize status shows what each job waits for';

function notPossible(message: string, hint: string): LocalizeError {
  return new LocalizeError('SETTLE_NOT_POSSIBLE', message, { hint });
}

/**
 * Which of several is meant: the one that has the named id, else one whose reply was lost. One that was accepted keeps its
 * id, and while its provider knows it nobody can say that it was not bought, nor what it has cost.
 */
function meantBy(settlement: Settlement, unsettled: readonly AttemptRow[]): AttemptRow | undefined {
  const lost = unsettled.filter(({ predictionId }) => predictionId === null);
  const gone = unsettled.filter(({ missing }) => missing > 0);
  switch (settlement.kind) {
    case 'prediction':
      return unsettled.find(({ predictionId }) => predictionId === settlement.predictionId) ?? lost.at(-1);
    case 'not-bought':
      return lost.at(-1) ?? gone.at(-1);
    case 'charged':
      return lost.findLast(({ state }) => state === 'uncertain') ?? gone.findLast((row) => row.predictionId !== null);
    case 'abandon':
      return unsettled.filter(({ state }) => state === 'uncertain').at(-1) ?? unsettled.at(-1);
  }
}

/** The prediction that a word on money is about, where that is said. */
function namedBy(settlement: Settlement): string | null {
  const isOfMoney = settlement.kind === 'charged' || settlement.kind === 'not-bought';
  return isOfMoney ? (settlement.predictionId ?? null) : null;
}

/** The failure of that prediction, also an older one than others that a word could be about. */
function namedFailure(
  store: Store,
  job: JobRow,
  { named, word, unsettled }: NamedFailure & { readonly unsettled: readonly AttemptRow[] },
): AttemptRow {
  const gone = unsettled.filter(({ missing }) => missing > 0);
  const failures = failuresOf(store, job);
  const found = [...gone, ...failures].find(({ predictionId }) => predictionId === named);
  if (found === undefined) {
    const ids = failures.flatMap(({ predictionId }) => (predictionId === null ? [] : [plainText(predictionId)]));
    const hint = ids.length === 0 ? STATUS_SHOWS : `those that failed are ${ids.join(', ')}`;
    throw notPossible(`${job.key} has no failed prediction ${plainText(named)}`, hint);
  }
  if (found.state !== 'failed' || found.billedMicros === null || mayBeCorrected(word, found)) return found;
  const what = found.billedMicros === 0 ? 'was not charged' : `was charged $${formatUsd(found.billedMicros)}`;
  const says = found.costSource === 'provider' ? `${found.provider} says that it` : 'it is said already that it';
  throw notPossible(`${job.key} has nothing to correct in ${plainText(named)}: ${says} ${what}`, STATUS_SHOWS);
}

interface NamedFailure {
  readonly named: string;
  readonly word: Settlement['kind'];
}

/** What a word may be about besides a create whose reply was lost. */
function besides(
  store: Store,
  job: JobRow,
  settlement: Settlement,
  unsettled: readonly AttemptRow[],
): AttemptRow | undefined {
  switch (settlement.kind) {
    case 'prediction':
      return mistakenly(store, job);
    case 'not-bought':
      return otherThanLost(store, job, failureOf(store, job, settlement.kind));
    case 'charged':
      return failureOrGivenUp(store, job, unsettled) ?? unbilledResult(store, job);
    case 'abandon':
      return unaskable(store, job);
  }
}

/**
 * The failure, unless the same word was said since then of a create whose reply was lost: said twice it is no word on what
 * an earlier one has cost.
 */
function otherThanLost(store: Store, job: JobRow, failure: AttemptRow | undefined): AttemptRow | undefined {
  if (failure === undefined || failure.billedMicros !== null || failure.predictionId === null) return failure;
  const said = prepared<[number, number, string], unknown>(
    store,
    `SELECT 1 FROM history WHERE job_id = ? AND ${LOST_ENDED}
       AND id > (SELECT max(id) FROM history WHERE job_id = ? AND attempt_id = ? AND kind = 'attempt') LIMIT 1`,
  ).get(job.id, job.id, failure.id);
  if (said === undefined) return failure;
  const id = plainText(failure.predictionId);
  const message = `${job.key} is said already not to have been bought by its lost create; whether ${id} was charged is open`;
  throw notPossible(message, `name the one that is meant: --prediction ${id}`);
}

/** Of an entry of history: a lost create was ended by a person's word. */
const LOST_ENDED = `kind = 'attempt' AND data ->> 'event' = 'refuse' AND data ->> 'from' IN ('uncertain', 'abandoned')`;

/** A failure of which nobody said what it cost, else a lost create that was given up, as far as that is not said of it. */
function failureOrGivenUp(store: Store, job: JobRow, unsettled: readonly AttemptRow[]): AttemptRow | undefined {
  const failure = failureOf(store, job, 'charged');
  const givenUp = unsettled.findLast(({ predictionId }) => predictionId === null);
  if (givenUp === undefined || failure?.billedMicros === null) return failure;
  const isMeant = givenUp.billedMicros === null || givenUp.id === lastTold(store, job);
  return isMeant ? givenUp : (failure ?? givenUp);
}

/** The last result that nobody has said the bill of, or of which a person has: its provider may tell both on a page of its own. */
function unbilledResult(store: Store, { id }: JobRow): AttemptRow | undefined {
  const unbilled = `(billed_micros IS NULL OR cost_source = 'none')`;
  const where = `WHERE job_id = ? AND state IN ('completed', 'lost') AND ${unbilled} ORDER BY rowid DESC LIMIT 1`;
  return findRow(store, attempts, where, id);
}

/** The prediction that its job waits for, and that none of the keys can ask for. */
function unaskable(store: Store, { attemptId, holdReason }: JobRow): AttemptRow | undefined {
  if (holdReason !== 'key-missing' || attemptId === null) return undefined;
  return findRow(store, attempts, `WHERE id = ? AND state = 'accepted'`, attemptId);
}

/**
 * The last attempt, where a person's earlier word on it can be corrected by naming its prediction: it was said not to have been
 * bought; or the id was taken on that word alone; or the provider does not know it, so that it may have been mistyped.
 */
function mistakenly(store: Store, job: JobRow): AttemptRow | undefined {
  const last = findRow(store, attempts, 'WHERE job_id = ? ORDER BY rowid DESC LIMIT 1', job.id);
  if (last?.state === 'refused') return wasLost(store, last) ? last : undefined;
  if (last?.state !== 'accepted') return undefined;
  return job.holdReason === 'vanished' || isOnWord(store, last) ? last : undefined;
}

/** Whether its reply was lost, and its end is a person's word. */
function wasLost(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, string], unknown>(
    store,
    `SELECT 1 FROM history WHERE job_id = ? AND attempt_id = ? AND ${LOST_ENDED} LIMIT 1`,
  ).get(jobId, id);
  return row !== undefined;
}

/** Whether somebody named its prediction, and nothing says that it was made of what was sent. */
function isOnWord(store: Store, { id, jobId }: AttemptRow): boolean {
  const row = prepared<[number, string, string], unknown>(
    store,
    'SELECT 1 FROM history WHERE job_id = ? AND attempt_id = ? AND kind = ? LIMIT 1',
  ).get(jobId, id, NAMED);
  return row !== undefined;
}

/** The kind of history's entry for a prediction that a person names and that nobody vouches for. */
export const NAMED = 'named';

/**
 * The last that failed at its provider, or came back empty, of which nobody has said whether it was charged; else the last of
 * which what was said may be corrected. Once there was a word on one, the next is a correction of that, not a word on an
 * older one: which of several is meant says its prediction.
 */
function failureOf(store: Store, job: JobRow, word: Settlement['kind']): AttemptRow | undefined {
  const failed = failuresOf(store, job);
  const open = failed.findLastIndex(({ billedMicros }) => billedMicros === null);
  const toldLast = lastTold(store, job);
  const told = failed.findIndex(({ id }) => id === toldLast);
  if (told === -1 || open > told) return failed[open] ?? failed.findLast((row) => mayBeCorrected(word, row));
  const last = failed[told];
  if (last !== undefined && mayBeCorrected(word, last)) return last;
  if (open === -1) return failed.findLast((row) => mayBeCorrected(word, row));
  const older = plainText(failed[open]?.predictionId ?? '');
  const said = `${job.key} has more than one failed prediction, and that the last one was not charged is said already`;
  throw notPossible(said, `name the one that is meant: --prediction ${older}`);
}

function failuresOf(store: Store, { id }: JobRow): AttemptRow[] {
  return store.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, id), eq(attempts.state, 'failed')))
    .orderBy(sql`rowid`)
    .all();
}

function mayBeCorrected(word: Settlement['kind'], { costSource, billedMicros }: AttemptRow): boolean {
  if (word === 'charged') return costSource !== 'provider';
  return costSource === 'none' && billedMicros !== 0;
}

/** Whether a person has said before what became of an attempt of the job, or what it cost. */
export function isToldOf(store: Store, job: JobRow): boolean {
  if (lastTold(store, job) !== null) return true;
  const ended = `SELECT 1 FROM history WHERE job_id = ? AND ${LOST_ENDED} LIMIT 1`;
  return prepared<[number], unknown>(store, ended).get(job.id) !== undefined;
}

/** The failed attempt of a job that a person had the last word on. */
function lastTold(store: Store, { id }: JobRow): string | null {
  const row = prepared<[number], { attemptId: string }>(
    store,
    `SELECT attempt_id AS attemptId FROM history WHERE job_id = ? AND kind = 'billed' AND data ->> 'by' = 'settle'
       ORDER BY id DESC LIMIT 1`,
  ).get(id);
  return row?.attemptId ?? null;
}
