import { type AssetSource, fingerprintText, type PlannedJob, voiceSources } from '@localize/core';
import type { ContentClues } from '../content/content-clues.js';
import { contentIdOf, partsNamed } from '../content/fingerprint.js';
import type { ContentIds } from '../content/hash-file.js';
import { ifReadable } from '../content/if-readable.js';

/**
 * Which of these jobs are made of the very same: a run buys the first of each, and the others take its result. Files are
 * read only as far as their lengths, then samples of them, leave it open.
 * @returns by a job's key the key of the one that is bought
 */
export async function foreseenTwins(
  jobs: Iterable<PlannedJob>,
  clues: ContentClues,
  ids: ContentIds,
): Promise<Map<string, string>> {
  const alike = alikeAtFirst(jobs, (job) => quickNameOf(job, clues));
  const sampled = await Promise.all(alike.map((group) => splitBy(group, (source) => clues.bySample(source))));
  const same = await Promise.all(sampled.flat().map((group) => splitBy(group, (source) => contentIdOf(ids, source))));
  const twins = new Map<string, string>();
  for (const [first, ...others] of same.flat()) for (const { key } of others) twins.set(key, first?.key ?? key);
  return twins;
}

/** Goes through the jobs twice, so that of the great many that are like no other none is kept. */
function alikeAtFirst(jobs: Iterable<PlannedJob>, nameOf: (job: PlannedJob) => string | null): PlannedJob[][] {
  const names = new Set<string>();
  const repeated = new Set<string>();
  for (const job of jobs) {
    const name = nameOf(job);
    if (name === null) continue;
    if (names.has(name)) repeated.add(name);
    else names.add(name);
  }
  if (repeated.size === 0) return [];
  return groupsOf(jobs, (job) => {
    const name = nameOf(job);
    return name !== null && repeated.has(name) ? name : null;
  });
}

/**
 * Route, seed and lengths: most of a hundred thousand jobs differ in these already, and all else takes a promise and a
 * canonical text for each.
 */
function quickNameOf({ video, voices, choices: [choice] }: PlannedJob, clues: ContentClues): string | null {
  if (choice === undefined) return null;
  const { route, input } = choice;
  return [route, input.seed, ...[video, ...voiceSources(voices)].map((source) => clues.byLength(source))].join(' ');
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
  const [choice] = job.choices;
  if (choice === undefined) return null;
  const parts = await ifReadable(partsNamed(look, job, choice));
  return parts && fingerprintText(parts);
}

/** Jobs of one name that are more than one, each group in the order in which the jobs came. */
function groupsOf(jobs: Iterable<PlannedJob>, nameOf: (job: PlannedJob) => string | null): PlannedJob[][] {
  const groups = new Map<string, PlannedJob[]>();
  for (const job of jobs) {
    const name = nameOf(job);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [job]);
    else group.push(job);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
