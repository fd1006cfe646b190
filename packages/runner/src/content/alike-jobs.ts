import { type AssetSource, alikeName, type PlannedJob, type RouteId } from '@localize/core';

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
 * Which jobs take what is bought for another one, where jobs are bought in this order as far as there is room: of those that
 * are made of the same, the first that there is room for is bought for all that can be made on its route, and where there is
 * room for none it is the first of those with the fewest caps in the way that waits.
 * @param jobs that are to be bought, in their order
 * @param twins by the key of each job but the first of its group the key of that one
 * @param buy takes up the room that a job needs
 * @returns by the keys of those that take a result the key of the one that they take it of
 */
export function servedAmong<T extends MadeOf>(
  jobs: Iterable<T>,
  twins: ReadonlyMap<string, string>,
  buy: (job: T) => BoughtNow,
): ReadonlyMap<string, string> {
  const firsts = new Set(twins.values());
  const groups = new Map<string, Group<T>>();
  const served = new Map<string, string>();
  for (const job of jobs) {
    const first = twins.get(job.key) ?? job.key;
    if (!firsts.has(first)) {
      buy(job);
      continue;
    }
    const group = groups.get(first) ?? { bought: [], roomless: [] };
    groups.set(first, group);
    const source = sourceFor(job, group);
    if (source !== undefined) {
      served.set(job.key, source);
      continue;
    }
    const { route, inTheWay = 0 } = buy(job);
    if (route === null) group.roomless.push({ job, inTheWay });
    else group.bought.push({ job, route });
  }
  for (const { bought, roomless } of groups.values()) {
    const fewest = Math.min(...roomless.map(({ inTheWay }) => inTheWay));
    const waiting = bought.length === 0 ? roomless.find(({ inTheWay }) => inTheWay === fewest) : undefined;
    for (const { job } of roomless) {
      const source = waiting?.job.key ?? sourceFor(job, { bought });
      if (source !== undefined && source !== job.key) served.set(job.key, source);
    }
  }
  return served;
}

/** The route that a job is bought on, or `null` and how many caps are in the way. */
export type BoughtNow =
  | { readonly route: RouteId; readonly inTheWay?: undefined }
  | { readonly route: null; readonly inTheWay: number };

type MadeOf = Pick<PlannedJob, 'key' | 'choices'>;

/** Jobs that are made of the same, as far as their turn has come. */
interface Group<T> {
  readonly bought: { readonly job: T; readonly route: RouteId }[];
  readonly roomless: { readonly job: T; readonly inTheWay: number }[];
}

/** The key of the job whose result is what this one would be on the same route. */
function sourceFor<T extends MadeOf>(job: T, { bought }: Pick<Group<T>, 'bought'>): string | undefined {
  const source = bought.find((each) => {
    const asked = askedOn(job, each.route);
    return asked !== undefined && asked === askedOn(each.job, each.route);
  });
  return source?.job.key;
}

function askedOn({ choices }: MadeOf, route: RouteId): string | undefined {
  const choice = choices.find((each) => each.route === route);
  return choice && JSON.stringify(choice.input);
}
