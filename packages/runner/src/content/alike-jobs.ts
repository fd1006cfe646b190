import { type AssetSource, alikeName, type PlannedJob } from '@localize/core';

/** Jobs that are alike by such names, each group in their order. Of the great many that are like no other none is kept. */
export function alikeAtFirst(
  jobs: Iterable<PlannedJob>,
  nameOf: (source: AssetSource) => string,
): readonly (readonly PlannedJob[])[] {
  const names = new Set<string>();
  const repeated = new Set<string>();
  for (const job of jobs) {
    const name = alikeName(job, nameOf);
    if (name === null) continue;
    if (names.has(name)) repeated.add(name);
    else names.add(name);
  }
  if (repeated.size === 0) return [];
  return groupsOf(jobs, (job) => {
    const name = alikeName(job, nameOf);
    return name !== null && repeated.has(name) ? name : null;
  });
}

/** Jobs of one name that are more than one, each group in the order in which the jobs came. */
export function groupsOf(jobs: Iterable<PlannedJob>, nameOf: (job: PlannedJob) => string | null): PlannedJob[][] {
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

/** By the key of each job of a group but its first the key of that one, which is bought for all. */
export function twinsIn(groups: Iterable<readonly PlannedJob[]>): Map<string, string> {
  const twins = new Map<string, string>();
  for (const [first, ...others] of groups) for (const { key } of others) twins.set(key, first?.key ?? key);
  return twins;
}

/**
 * Places what is to be bought, of which some take the results of others: of jobs that are made of the same, the first that
 * does not wait is bought for all of them, and where all wait it is the first that does, for the money that they need once.
 * @param twins by the key of each job but the first of its group the key of that one
 * @param place places the jobs that are bought, which it is told by their keys
 * @param waits whether one waits where they are placed so
 * @returns what came of it, and by the keys of those that take a result the key of the one that they take it of
 */
export function placedBesideTwins<T>(
  twins: ReadonlyMap<string, string>,
  place: (isBought: (key: string) => boolean) => T,
  waits: (placed: T, key: string) => boolean,
): { readonly placed: T; readonly served: ReadonlyMap<string, string> } {
  const placed = place((key) => !twins.has(key));
  const waiting = new Set([...twins.values()].filter((first) => waits(placed, first)));
  if (waiting.size === 0) return { placed, served: twins };
  const together = place((key) => !twins.has(key) || waiting.has(twins.get(key) ?? key));
  const instead = new Map<string, string>();
  for (const [key, first] of twins) {
    if (waiting.has(first) && !instead.has(first) && !waits(together, key)) instead.set(first, key);
  }
  if (instead.size === 0) return { placed, served: twins };
  const members = [...twins, ...[...instead.keys()].map((first) => [first, first] as const)];
  const served = new Map(members.map(([key, first]) => [key, instead.get(first) ?? first] as const));
  for (const key of instead.values()) served.delete(key);
  return { placed: place((key) => !served.has(key)), served };
}
