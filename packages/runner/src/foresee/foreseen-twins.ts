import { type AssetSource, canonicalJson, type PlannedJob } from '@localize/core';
import { alikeAtFirst, groupsOf, twinsIn } from '../content/alike-jobs.js';
import type { ContentClues } from '../content/content-clues.js';
import { contentIdOf, contentsNamed } from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';

/**
 * Which of these jobs are made of the very same, on whichever routes, so that what is bought for one may do for another.
 * Files are read only as far as their lengths, then samples of them, leave it open.
 * @returns by the key of each job but the first of its group the key of that one
 */
export async function foreseenTwins(
  jobs: Iterable<PlannedJob>,
  clues: ContentClues,
  ids: ContentIds,
): Promise<Map<string, string>> {
  const alike = alikeAtFirst(jobs, (source) => clues.byLength(source));
  const sampled = await Promise.all(alike.map((group) => splitBy(group, (source) => clues.bySample(source))));
  const same = await Promise.all(sampled.flat().map((group) => splitBy(group, (source) => contentIdOf(ids, source))));
  return twinsIn(same.flat());
}

async function splitBy(
  jobs: readonly PlannedJob[],
  look: (source: AssetSource) => Promise<string>,
): Promise<PlannedJob[][]> {
  const names = new Map<PlannedJob, string | null>();
  for (const job of jobs) names.set(job, await nameOf(job, look));
  return groupsOf(jobs, (job) => names.get(job) ?? null);
}

/** @returns `null` where a source cannot be read: the run will say so. */
async function nameOf(job: PlannedJob, look: (source: AssetSource) => Promise<string>): Promise<string | null> {
  const contents = await ifReadable(contentsNamed(look, job));
  return contents && canonicalJson(contents);
}
