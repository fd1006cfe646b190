import { formatUsd, plainText } from '@localize/core';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { findRow } from '../store/rows.js';
import { attempts } from '../store/schema/schema.js';
import type { AttemptRow, JobRow, Store } from '../store/store.js';
import { lostMeant, notPossible, numberedAttempt, STATUS_SHOWS } from './lost-meant.js';
import { isLostEndedSince, lastNaming, lastTold, NAMED, PROVEN, wasLost } from './said-before.js';
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
  if (settlement.attempt !== undefined) {
    const numbered = numberedAttempt(store, job, settlement.attempt);
    if (isFor(store, job, settlement, numbered)) return numbered;
    throw notPossible(`attempt ${settlement.attempt} of ${job.key} is ${numbered.state}: ${NO_FIT[settlement.kind]}`);
  }
  const named = namedBy(settlement);
  if (named !== null) return namedFailure(store, job, { named, word: settlement.kind, unsettled });
  const found = meantBy(store, job, settlement, unsettled) ?? besides(store, job, settlement, unsettled);
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

/** Why a word cannot be about the attempt whose number was given. */
const NO_FIT = {
  prediction: 'its prediction is not in question',
  'not-bought': 'whether it was bought or charged is not in question',
  charged: 'whether it was charged is not in question',
  abandon: 'there is nothing to give up',
} as const satisfies Record<Settlement['kind'], string>;

/** Whether a word can be about an attempt. */
function isFor(store: Store, job: JobRow, settlement: Settlement, attempt: AttemptRow): boolean {
  const { state, predictionId, missing, billedMicros } = attempt;
  const isUnsettled = state === 'uncertain' || state === 'abandoned';
  switch (settlement.kind) {
    case 'prediction':
      if (isUnsettled) return predictionId === null || predictionId === settlement.predictionId;
      return isMistaken(store, job, attempt);
    case 'not-bought':
    case 'charged':
      if (isUnsettled) return predictionId === null || missing > 0;
      if (state === 'failed') return billedMicros === null || mayBeCorrected(settlement.kind, attempt);
      return settlement.kind === 'charged' && unbilledResult(store, job)?.id === attempt.id;
    case 'abandon':
      return isUnsettled || unaskable(store, job)?.id === attempt.id;
  }
}

/**
 * Which of several is meant: the one that has the named id, else one whose reply was lost. One that was accepted keeps its
 * id, and while its provider knows it nobody can say that it was not bought, nor what it has cost.
 */
function meantBy(
  store: Store,
  job: JobRow,
  settlement: Settlement,
  unsettled: readonly AttemptRow[],
): AttemptRow | undefined {
  const lost = unsettled.filter(({ predictionId }) => predictionId === null);
  const gone = unsettled.filter(({ missing }) => missing > 0);
  switch (settlement.kind) {
    case 'prediction':
      return unsettled.find(({ predictionId }) => predictionId === settlement.predictionId) ?? lost.at(-1);
    case 'not-bought':
      return lostMeant(store, job, lost) ?? gone.at(-1);
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
  if (!isLostEndedSince(store, failure)) return failure;
  const id = plainText(failure.predictionId);
  const message = `${job.key} is said already not to have been bought by its lost create; whether ${id} was charged is open`;
  throw notPossible(message, `name the one that is meant: --prediction ${id}`);
}

/** A failure of which nobody said what it cost, or that the last word was on, else a lost create that was given up. */
function failureOrGivenUp(store: Store, job: JobRow, unsettled: readonly AttemptRow[]): AttemptRow | undefined {
  const failure = failureOf(store, job, 'charged');
  if (failure && (failure.billedMicros === null || failure.id === lastTold(store, job))) return failure;
  const givenUp = unsettled.filter(({ predictionId }) => predictionId === null);
  return lostMeant(store, job, givenUp) ?? failure;
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
 * The last attempt, where what a person said of it can be corrected by naming its prediction.
 * @throws LocalizeError SETTLE_NOT_POSSIBLE where its prediction is known
 */
function mistakenly(store: Store, job: JobRow): AttemptRow | undefined {
  const last = findRow(store, attempts, 'WHERE job_id = ? ORDER BY rowid DESC LIMIT 1', job.id);
  if (last === undefined || isMistaken(store, job, last)) return last;
  if (last.state !== 'accepted') return undefined;
  throw notPossible(`${job.key} was bought as ${plainText(last.predictionId ?? '')}, and nobody doubts that`);
}

/**
 * Whether an attempt was said not to have been bought; or its id was taken on somebody's word alone; or the provider does
 * not know an id that may have been mistyped.
 */
function isMistaken(store: Store, { attemptId, holdReason }: JobRow, attempt: AttemptRow): boolean {
  if (attempt.state === 'refused') return wasLost(store, attempt);
  if (attempt.state !== 'accepted') return false;
  const naming = lastNaming(store, attempt);
  return naming === NAMED || (naming !== PROVEN && holdReason === 'vanished' && attemptId === attempt.id);
}

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
