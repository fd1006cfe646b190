import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { costTotals, type JobSnapshot } from '@localize/core';
import type { Ledger, LedgerPrediction } from '@localize/emulator';
import { positionOf, takeOf } from './takes.js';

/** Whose jobs are judged: those of one batch of one folder. */
export interface Judged {
  readonly dir: string;
  readonly firstTake: number;
}

/** The promises, checked against the provider's books of the same moment or a later one. @returns what is broken */
export function brokenPromises(jobs: readonly JobSnapshot[], ledger: Ledger, { dir, firstTake }: Judged): string[] {
  const byTake = new Map<number, LedgerPrediction[]>();
  for (const prediction of ledger.predictions) {
    const take = takeOf(dir, prediction.inputs);
    if (take !== null) byTake.set(take, [...(byTake.get(take) ?? []), prediction]);
  }
  const bought = (job: JobSnapshot) => byTake.get(firstTake + positionOf(job)) ?? [];
  const faults = jobs.flatMap((job) => brokenJob(job, bought(job)));
  const cost = costTotals(jobs);
  const theirs = jobs.flatMap(bought).reduce((sum, { billedMicros }) => sum + billedMicros, 0);
  const most = cost.billedMicros + cost.inFlightMicros + cost.atRiskMicros;
  if (cost.billedMicros > theirs || theirs > most) {
    faults.push(`billed ${cost.billedMicros}, at most ${most}; the provider's books say ${theirs}`);
  }
  return [...faults, ...brokenLimits(ledger)];
}

/** One line a refused create, with when those before it on its account came: which of them we did not count. */
function brokenLimits({ creates }: Ledger): string[] {
  return creates
    .filter(({ reason }) => reason === 'refused-by-limit')
    .map(({ provider, account, limit, seq, arrivedAt }) => {
      const before = creates.filter((each) => each.account === account && each.provider === provider && each.seq < seq);
      const came = before.slice(-10).map((each) => `${arrivedAt - each.arrivedAt} ms before (${each.reason})`);
      return `${provider}'s limit of ${limit} refused a create; others came ${came.join(', ')}`;
    });
}

/**
 * Once all is settled, nothing is open, everything at the provider has its attempt, and what we say we were billed is
 * what the provider says, to the micro-dollar. What no provider states stays at risk: a failure that one may have
 * charged for, and a price that is told only in a reply that was lost. What counts as gone is gone at the provider, and
 * its job is held.
 * @returns what is not so
 */
export function notSettled(jobs: readonly JobSnapshot[], ledger: Ledger, { dir, firstTake }: Judged): string[] {
  const attempts = jobs.flatMap((job) => job.attempts);
  const faults = jobs
    .filter(({ state }) => !['succeeded', 'failed', 'held'].includes(state))
    .map(({ key, state }) => `${key} is still ${state}`);
  const doubtful = attempts.filter(({ state }) => state === 'uncertain' || state === 'intended');
  if (doubtful.length > 0) faults.push(`${doubtful.length} creates are unsettled`);
  const given = new Map(jobs.map((job) => [firstTake + positionOf(job), job]));
  const jobOf = ({ inputs }: LedgerPrediction) => given.get(takeOf(dir, inputs) ?? -1);
  const owned = new Map(attempts.map((attempt) => [attempt.predictionId, attempt]));
  const bought = ledger.predictions.filter(
    (each) => jobOf(each) && (owned.has(each.id) || !isLostForGood(each, jobOf(each))),
  );
  for (const { id } of bought) if (!owned.has(id)) faults.push(`nobody owns ${id}`);
  const stated = bought.filter(({ id }) => owned.get(id)?.billedMicros !== null);
  const theirs = stated.reduce((sum, { billedMicros }) => sum + billedMicros, 0);
  const { billedMicros } = costTotals(jobs);
  if (billedMicros !== theirs) faults.push(`billed ${billedMicros} where the provider's books say ${theirs}`);
  const gone = new Set(bought.filter((each) => each.gone).map(({ id }) => id));
  return [...faults, ...jobs.flatMap((job) => notFollowed(job, gone)), ...jobs.flatMap(notAsDownloaded)];
}

/**
 * Whether a create whose reply was lost made what the provider then forgot: its list lacks it, and the user's word
 * (`on_uncertain: absent`) bought it again. It stays at risk for good, since nothing can find it.
 */
function isLostForGood({ gone }: LedgerPrediction, job: JobSnapshot | undefined): boolean {
  return (
    gone && (job?.attempts.some(({ state, predictionId }) => state === 'abandoned' && predictionId === null) ?? false)
  );
}

const UNSETTLED = new Set(['intended', 'uncertain', 'abandoned']);

/** What is broken of one job, given all that the provider ever made for it. */
function brokenJob(job: JobSnapshot, bought: readonly LedgerPrediction[]): string[] {
  const faults: string[] = [];
  const standing = bought.filter(({ charged, state }) => charged || (state !== 'failed' && state !== 'canceled'));
  const released = job.attempts.filter(({ state }) => state === 'abandoned').length;
  if (standing.length > 1 + released) faults.push(`${job.key} was bought ${standing.length} times`);
  const owned = new Set(job.attempts.map(({ predictionId }) => predictionId));
  const forgotten = bought.filter(({ id }) => !owned.has(id));
  const unsettled = job.attempts.filter(({ state }) => UNSETTLED.has(state)).length;
  if (forgotten.length > unsettled) faults.push(`${job.key}: nobody knows of ${forgotten.map(({ id }) => id)}`);
  const paid = job.attempts.some(({ state }) => state === 'completed');
  if (paid && !['succeeded', 'held', 'downloading'].includes(job.state)) {
    faults.push(`${job.key} is paid for and ${job.state}`);
  }
  if (job.state === 'succeeded' && (!job.output || sizeOf(job.output) !== job.outputBytes)) {
    faults.push(`${job.key} is done, and its video is not on the disk`);
  }
  return faults;
}

/** Predictions that nobody follows to their end although the provider has them. */
function notFollowed({ key, holdReason, attempts }: JobSnapshot, gone: ReadonlySet<string>): string[] {
  return attempts.flatMap(({ state, predictionId }) => {
    const isGone = predictionId !== null && gone.has(predictionId);
    if (state === 'lost' && !isGone) return [`${key}: ${predictionId} counts as lost and is not`];
    if (state === 'accepted' && !(isGone && holdReason === 'vanished'))
      return [`${key}: ${predictionId} is still open`];
    return [];
  });
}

/** Videos whose bytes are not those that were verified. */
function notAsDownloaded({ key, state, output, outputSha256 }: JobSnapshot): string[] {
  if (state !== 'succeeded' || !output) return [];
  const sha256 = createHash('sha256').update(readFileSync(output)).digest('hex');
  return sha256 === outputSha256 ? [] : [`${key}: its video is not the one that was downloaded`];
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
