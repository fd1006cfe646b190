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
 * Places what is to be bought, of which some take the results of others. What waits is no result to be taken: its twins wait for the
 * same.
 * @param place places the jobs that are bought, which it is told by their keys
 * @param waits whether one waits where they are placed so
 * @returns what came of it, with the twins that take a result
 */
export function placedBesideTwins<T>(
  twins: ReadonlyMap<string, string>,
  place: (isBought: (key: string) => boolean) => T,
  waits: (placed: T, key: string) => boolean,
): { readonly placed: T; readonly served: ReadonlyMap<string, string> } {
  const first = place((key) => !twins.has(key));
  const served = new Map([...twins].filter(([, of]) => !waits(first, of)));
  return { placed: served.size === twins.size ? first : place((key) => !served.has(key)), served };
}
