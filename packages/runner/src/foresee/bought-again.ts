import { fewOf, formatUsd, type Plan, type PlannedJob } from '@localize/core';
import type { ContentClues } from '../content/content-clues.js';
import { fingerprintOf, fingerprintParts } from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';
import { sourcesOf } from '../content/planned-parts.js';
import { jobsNamed } from '../store/batch-jobs.js';
import { type PaidInVain, paidInVain, wasBoughtItself } from '../store/money/paid-in-vain.js';
import type { Store } from '../store/store.js';

interface Contents {
  readonly clues: ContentClues;
  readonly ids: ContentIds;
}

/**
 * Says which of the jobs that would be bought were paid for before, under another name of their batch or video, without a
 * usable video: under that name nothing would be bought for them unasked. Reads only.
 * @returns `null`: none of them
 */
export async function boughtAgainWords(
  store: Store,
  { plan, toBuy, manifestPath }: { plan: Plan; toBuy: Iterable<PlannedJob>; manifestPath: string },
  contents: Contents,
): Promise<string | null> {
  const paid = underFormerNames(plan, paidInVain(store, manifestPath, plan.batch));
  if (paid.size === 0) return null;
  const again: string[] = [];
  for (const job of toBuy) {
    const fingerprint = await ifReadable(askedFingerprint(job, contents));
    const before = paid.get(fingerprint ?? '') ?? [];
    if (before.length > 0 && !wasBoughtItself(store, plan.batch, job.key))
      again.push(`${job.key} (${before.map(paidWords).join(', ')})`);
  }
  if (again.length === 0) return null;
  return `paid for before under another name, without a usable video, and now bought again: ${fewOf(again)}; under the name before, only \`retry\` buys that again, and a run asks for what was lost for free`;
}

function underFormerNames(plan: Plan, all: readonly PaidInVain[]): ReadonlyMap<string, PaidInVain[]> {
  const ofOwn = new Set(all.flatMap(({ isOwn, key }) => (isOwn === 1 ? [key] : [])));
  const planned = new Set(ofOwn.size === 0 ? [] : jobsNamed(plan.jobs, ofOwn).map(({ key }) => key));
  const found = new Map<string, PaidInVain[]>();
  for (const each of all) {
    if (each.isOwn === 1 && each.orphaned === 0 && planned.has(each.key)) continue;
    found.set(each.fingerprint, [...(found.get(each.fingerprint) ?? []), each]);
  }
  return found;
}

/** On the route that it goes to first; `null`: of contents that the state has never met. */
async function askedFingerprint(job: PlannedJob, { clues, ids }: Contents): Promise<string | null> {
  const [choice] = job.choices;
  if (choice === undefined) return null;
  for (const source of sourcesOf(job)) if (!(await clues.isMaybeKnown(source))) return null;
  return fingerprintOf(await fingerprintParts(ids, job, choice));
}

/** `as a/it of batch old $0.60, too short` */
function paidWords({ key, batch, isOwn, state, holdReason, micros }: PaidInVain): string {
  const name = isOwn === 1 ? key : `${key} of batch ${batch}`;
  const amount = micros === null ? 'an unknown amount' : `$${formatUsd(micros)}`;
  const unusable = holdReason === 'too-short' ? 'too short' : 'not usable';
  return `as ${name} ${amount}, ${state === 'completed' ? unusable : state}`;
}
