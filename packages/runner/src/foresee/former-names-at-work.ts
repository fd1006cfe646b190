import { existsSync } from 'node:fs';
import type { Plan, PlannedJob } from '@localize/core';
import { digestOfText } from '../content/digest-of-text.js';
import { ifReadable } from '../content/if-readable.js';
import { AskedFor } from '../store/asked-for.js';
import { namesElsewhere, type OtherPath, otherNames } from '../store/former/other-names.js';
import { isAtWork, manifestAtWork, refuseHeldBatch } from '../store/open/batch-lock.js';
import { prepared } from '../store/prepared.js';
import { isOpenIn } from '../store/schema/attempt-states.js';
import type { Store } from '../store/store.js';
import { askedFingerprints, type Contents } from './find-former-jobs.js';

/** A manifest that somebody wants to work at. */
export interface Asking {
  readonly plan: Plan;
  readonly manifestPath: string;
  /** Whether a job, by its key, is meant; absent: each is. */
  readonly only?: ((key: string) => boolean) | undefined;
}

/**
 * A manifest that is given another name while its run is at work, or stopped, is still that run's, also where it is reached
 * by another path or was moved: of two runs under two names each would buy what the other is making.
 * @throws LocalizeError BATCH_LOCKED, naming the holder
 */
export async function refuseFormerNameAtWork(store: Store, asking: Asking, contents: Contents): Promise<void> {
  for (const name of await formerNamesAtWork(store, asking, contents)) refuseHeldBatch(store.path, name);
}

/** Why a run of this manifest would be refused for it, in words; `null`: it would not. */
export async function formerNameAtWork(store: Store, asking: Asking, contents: Contents): Promise<string | null> {
  const [former] = await formerNamesAtWork(store, asking, contents);
  if (former === undefined) return null;
  return `a run is refused as long as the one of the batch ${former}, as this manifest was named, is at work`;
}

/** The names that a manifest had before and under which a run of it is at work. */
async function formerNamesAtWork(store: Store, asking: Asking, contents: Contents): Promise<string[]> {
  const { manifestPath, plan } = asking;
  const isLive = ({ name }: { readonly name: string }) => isAtWork(store.path, name);
  const known = otherNames(store, manifestPath, plan.batch).filter(isLive);
  const found = known.flatMap(({ name, isGone }) => (isGone ? [] : name));
  // One that was moved is there now.
  if (!existsSync(manifestPath)) return found;
  const elsewhere = namesElsewhere(store, manifestPath, plan.batch);
  const displaced = elsewhere.filter((other) => isLive(other) && !isAsItBegan(store, other));
  for (const other of [...known.filter(({ isGone }) => isGone), ...displaced]) {
    if (await wouldBuyTwice(store, other.id, asking, contents)) found.push(other.name);
  }
  return found;
}

/**
 * Whether the manifest of a batch at work still has the text with which that run began. What has another may be another
 * one, in the place of one that was moved and renamed; only beside an original that nobody has touched is a copy surely that.
 */
function isAsItBegan({ path: statePath }: Store, { name, path }: OtherPath): boolean {
  const began = manifestAtWork(statePath, name);
  return began !== null && digestOfText(path) === began;
}

/** Whether a manifest asks for something that the run of another one, which is gone from its place, has bought or is about to buy. */
async function wouldBuyTwice(store: Store, id: number, asking: Asking, contents: Contents): Promise<boolean> {
  const wanted = wantedJobs(store, asking);
  const theirs = new AskedFor(unfinishedJobs(store, id));
  for (const job of wanted) if (theirs.has(job)) return true;
  // Its files may have been moved with it.
  const bought = openFingerprints(store, id);
  if (bought.size === 0) return false;
  for (const job of wanted) {
    const asked = (await ifReadable(askedFingerprints(job, contents))) ?? [];
    if (asked.some((fingerprint) => bought.has(fingerprint))) return true;
  }
  return false;
}

/** Jobs of the manifest that are not made yet. */
function wantedJobs(store: Store, { plan, only }: Asking): PlannedJob[] {
  const made = prepared<[string], { key: string }>(
    store,
    `SELECT j.key FROM jobs j JOIN batches b ON b.id = j.batch_id WHERE b.name = ? AND j.state = 'succeeded'`,
  ).all(plan.batch);
  const isMade = new Set(made.map(({ key }) => key));
  return [...plan.jobs].filter(({ key }) => !isMade.has(key) && (only?.(key) ?? true));
}

function* unfinishedJobs(store: Store, batchId: number): Iterable<PlannedJob> {
  const rows = prepared<[number], { planned: string }>(
    store,
    `SELECT planned FROM jobs WHERE batch_id = ? AND state NOT IN ('succeeded', 'failed', 'canceled') AND orphaned = 0`,
  ).all(batchId);
  for (const { planned } of rows) yield JSON.parse(planned) as PlannedJob;
}

/** Of attempts whose results are not there yet. */
function openFingerprints(store: Store, batchId: number): Set<string> {
  const rows = prepared<[number], { fingerprint: string }>(
    store,
    `SELECT a.fingerprint FROM jobs j CROSS JOIN attempts a ON a.job_id = j.id
       WHERE j.batch_id = ? AND a.fingerprint IS NOT NULL AND (${isOpenIn('a.')}
         OR (a.state = 'completed' AND a.failure IS NULL AND a.id = j.attempt_id AND j.state <> 'succeeded'))`,
  ).all(batchId);
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}
