import { type AssetSource, alikeNames, filesName, type PlannedJob, RepeatedNames, type RouteId } from '@localize/core';
import { askOf, askOn, firstAsk } from './ask-of.js';

/**
 * Jobs that are alike by such names of their files, on whichever of their routes, each group in their order and without those
 * that nothing made for another one would do for. Of the great many that are like no other none is kept.
 */
export function alikeAtFirst(
  jobs: Iterable<PlannedJob>,
  nameOf: (source: AssetSource) => string,
): readonly (readonly PlannedJob[])[] {
  const names = new RepeatedNames();
  for (const job of jobs) for (const name of alikeNames(job, nameOf)) names.add(name);
  if (!names.areSome) return [];
  const isAlike = (job: PlannedJob) => alikeNames(job, nameOf).some((name) => names.has(name));
  const groups = groupsOf(jobs, (job) => (isAlike(job) ? filesName(job, nameOf) : null));
  return groups.map(servable).filter(({ length }) => length > 1);
}

/** Those of them that may be asked for just as another one is. */
function servable(group: readonly PlannedJob[]): PlannedJob[] {
  const asking = new Map<string, number>();
  for (const { choices } of group) for (const ask of choices.map(askOf)) asking.set(ask, (asking.get(ask) ?? 0) + 1);
  return group.filter(({ choices }) => choices.some((choice) => (asking.get(askOf(choice)) ?? 0) > 1));
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

/** By the key of each job of a group but its first the key of that one. */
export function twinsIn(groups: Iterable<readonly PlannedJob[]>): Map<string, string> {
  const twins = new Map<string, string>();
  for (const [first, ...others] of groups) for (const { key } of others) twins.set(key, first?.key ?? key);
  return twins;
}

/**
 * Which jobs take what is bought for another one, where jobs are bought in this order as far as there is room. Of those that
 * are made of the same, a job takes what is bought on the route that it would be bought on itself, or on one before that;
 * where both would have gone to the same route first, on any that it may be made on; and so it does where there is no room
 * for it. Of those that there is room for nowhere the first of those with the fewest caps in the way waits for the others.
 * @param jobs that are to be bought, in their order
 * @param twins by the key of each job but the first of its group the key of that one
 * @returns by the keys of those that take a result the key of the one that they take it of
 */
export function servedAmong<T extends MadeOf>(
  jobs: Iterable<T>,
  twins: ReadonlyMap<string, string>,
  purchases: Purchases<T>,
): ReadonlyMap<string, string> {
  const firsts = new Set(twins.values());
  const groups = new Map<string, Group<T>>();
  const served = new Map<string, string>();
  for (const job of jobs) {
    const first = twins.get(job.key) ?? job.key;
    if (!firsts.has(first)) {
      purchases.buy(job);
      continue;
    }
    const group = groups.get(first) ?? { bought: [], roomless: [] };
    groups.set(first, group);
    const source = sourceFor(job, group.bought, purchases.routeFor(job));
    if (source !== undefined) {
      served.set(job.key, source);
      continue;
    }
    const route = purchases.buy(job);
    if (route === null) group.roomless.push(job);
    else group.bought.push({ job, route });
  }
  for (const group of groups.values()) serveRoomless(group, served, purchases);
  return served;
}

/** What can be bought as far as the jobs before have left room. */
export interface Purchases<T> {
  /** The route that there is room for the job on, which it does not take up; `null`: there is none. */
  routeFor(job: T): RouteId | null;
  /** Takes up the room that the job needs. @returns the route that it is bought on; `null`: it waits */
  buy(job: T): RouteId | null;
  /** How many caps have no room for the job. */
  inTheWay(job: T): number;
}

type MadeOf = Pick<PlannedJob, 'key' | 'choices'>;

/** Jobs that are made of the same, as far as their turn has come. */
interface Group<T> {
  readonly bought: Bought<T>[];
  readonly roomless: T[];
}

interface Bought<T> {
  readonly job: T;
  readonly route: RouteId;
}

/** By what is bought for the others, or else by what is to be for one of those that would go first where they would. */
function serveRoomless<T extends MadeOf>(
  { bought, roomless }: Group<T>,
  served: Map<string, string>,
  { inTheWay }: Purchases<T>,
): void {
  const waiting = new Map<string | null, T>();
  const left = roomless.filter((job) => {
    const source = sourceFor(job, bought, null);
    if (source !== undefined) served.set(job.key, source);
    return source === undefined;
  });
  for (const job of left) {
    const sofar = waiting.get(firstAsk(job));
    if (sofar === undefined || inTheWay(job) < inTheWay(sofar)) waiting.set(firstAsk(job), job);
  }
  for (const job of left) {
    const source = waiting.get(firstAsk(job));
    if (source && source !== job) served.set(job.key, source.key);
  }
}

/** The key of the job whose result one takes that would be bought on this route; `null`: on none, for want of room. */
function sourceFor<T extends MadeOf>(job: T, bought: readonly Bought<T>[], now: RouteId | null): string | undefined {
  const isWithinReach = (route: RouteId) => {
    const reach = job.choices.findIndex((choice) => choice.route === now);
    return reach < 0 || job.choices.slice(0, reach + 1).some((choice) => choice.route === route);
  };
  const source = bought.find((each) => {
    const ask = askOn(job, each.route);
    const isSame = ask !== null && ask === askOn(each.job, each.route);
    return isSame && (firstAsk(job) === firstAsk(each.job) || isWithinReach(each.route));
  });
  return source?.job.key;
}
