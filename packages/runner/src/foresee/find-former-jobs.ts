import { count, formatUsd, type Micros, type Plan, type PlannedJob } from '@localize/core';
import type { ContentClues } from '../content/content-clues.js';
import { fingerprintsOf } from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import { sourcesOf } from '../content/planned-parts.js';
import { jobsNamed } from '../store/batch-jobs.js';
import {
  boughtBefore,
  boughtUncounted,
  countedFormerIds,
  type FormerSpending,
  formerMoney,
  formerWords,
  madeFingerprints,
} from '../store/former/former-jobs.js';
import type { CapCorrection } from '../store/money/cap-corrections.js';
import type { Store } from '../store/store.js';

/** A job, and one of another batch of the same manifest that was made of the very same: the batch was renamed. */
export interface FormerJob {
  readonly formerId: number;
  readonly key: string;
  readonly job: PlannedJob;
}

/** What is known of the contents of files. */
export interface Contents {
  readonly clues: ContentClues;
  readonly ids: ContentIds;
}

/**
 * Finds for the jobs of a plan what was bought for them while their batch had another name, as far as the batch's caps do
 * not count it yet. A manifest that was given other contents with another name has no such jobs. Reads only.
 */
export async function formerJobs(
  store: Store,
  plan: Plan,
  manifestPath: string,
  { clues, ids }: Contents,
): Promise<FormerJob[]> {
  const bought = boughtBefore(store, manifestPath, plan.batch);
  if (bought.size === 0) return [];
  const made = madeFingerprints(store, plan.batch);
  const found: FormerJob[] = [];
  for (const job of plan.jobs) {
    const own = made.get(job.key);
    const asked = (await ifReadable(askedFingerprints(job, { clues, ids }))) ?? [];
    for (const fingerprint of own === undefined ? asked : [own, ...asked]) {
      for (const formerId of bought.get(fingerprint) ?? []) found.push({ formerId, key: job.key, job });
      bought.delete(fingerprint);
    }
  }
  return found;
}

/** Of what a job asks for on each of its routes; none of contents that the state has never met. */
export async function askedFingerprints(job: PlannedJob, { clues, ids }: Contents): Promise<string[]> {
  for (const source of sourcesOf(job)) if (!(await clues.isMaybeKnown(source))) return [];
  return fingerprintsOf(ids, job);
}

/**
 * The same as money, for whoever asks before there is a run.
 * @param found as {@link formerJobs} found them; what a run has counted since is left out
 */
export function paidAsFormer(store: Store, batch: string, found: readonly FormerJob[]): FormerSpending {
  const names = new Set<string>();
  let sum = 0;
  const counted = found.length === 0 ? null : countedFormerIds(store, batch);
  const uncounted = found.filter(({ formerId }) => !counted?.has(formerId));
  const paid = uncounted.flatMap(({ formerId, job: { language, labels } }) =>
    formerMoney(store, formerId).map(({ batch: name, provider, ...amounts }): CapCorrection => {
      names.add(name);
      sum += amounts.billedMicros + amounts.inFlightMicros + amounts.atRiskMicros;
      return { provider, language, labels, ...amounts, madeAtMs: 0, counts: 'former' };
    }),
  );
  const renamed = new Map(uncounted.map(({ formerId, job }) => [formerId, job]));
  return { paid, renamed, note: sum === 0 ? null : formerWords([...names], sum) };
}

/**
 * Warns of jobs that were bought for under another name of the batch and that the manifest asks for differently by now: of
 * the same key, with the same video or the same voices. Nobody can tell whether they are the batch's own, edited and renamed
 * at once, or those of another one; its caps do not count them.
 * @param found what they do count
 * @returns a sentence for each former name
 */
export function uncountedWords(
  store: Store,
  plan: Plan,
  manifestPath: string,
  found: readonly Pick<FormerJob, 'formerId'>[],
): string[] {
  const lifelong = plan.budget.caps.filter(({ period }) => period === 'batch').map(({ name }) => name);
  const bought = lifelong.length === 0 ? [] : boughtUncounted(store, manifestPath, plan.batch);
  if (bought.length === 0) return [];
  const counted = new Set(found.map(({ formerId }) => formerId));
  const meant = new Set(bought.map(({ key }) => key));
  const planned = new Map(jobsNamed(plan.jobs, meant).map((job) => [job.key, job]));
  const sums = new Map<string, { jobs: number; micros: Micros }>();
  for (const { id, batch, key, video, voices } of bought) {
    const job = planned.get(key);
    if (job === undefined || counted.has(id)) continue;
    if (JSON.stringify(job.video) !== video && JSON.stringify(job.voices) !== voices) continue;
    const sum = sums.get(batch) ?? { jobs: 0, micros: 0 };
    for (const { billedMicros, inFlightMicros, atRiskMicros } of formerMoney(store, id))
      sum.micros += billedMicros + inFlightMicros + atRiskMicros;
    sum.jobs += 1;
    sums.set(batch, sum);
  }
  const caps = `${lifelong.join(' and ')} ${lifelong.length === 1 ? 'does' : 'do'}`;
  return [...sums].map(([batch, { jobs, micros }]) => {
    const what = `${count(jobs, 'job')} that it asks for differently by now`;
    return `as batch ${batch}, this manifest spent $${formatUsd(micros)} on ${what}, and ${caps} not count that: if ${plan.batch} is the same batch, name it ${batch} again, or lower the budget by as much`;
  });
}
