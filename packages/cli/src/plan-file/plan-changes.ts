import {
  type JobSnapshot,
  LocalizeError,
  type Plan,
  type PlannedJob,
  parseUsd,
  plainText,
  type Snapshot,
} from '@localize/core';
import {
  changedParts,
  foreseeRun,
  jobParts,
  PlanLook,
  readStandings,
  type Store,
  withSeenPrice,
} from '@localize/runner';
import { isToBuy } from '../output/plan-view.js';
import { type SavedJob, type SavedPlan, savedJob, termsOf, UNSET } from './saved-plan.js';

/** A plan of thousands of jobs may have changed in all of them at once. */
const NAMED = 20;

/**
 * What a run would do otherwise than the saved plan says; empty when it would carry out exactly that. What has been
 * bought since as it was planned is no change: the plan is under way.
 */
export async function planChanges(
  saved: SavedPlan,
  now: {
    readonly plan: Plan;
    readonly before: Snapshot;
    readonly selected: (key: string) => boolean;
    readonly store: Store | null;
    /** The manifest's. */
    readonly folder: string;
  },
): Promise<string[]> {
  const { plan, before, selected, store, folder } = now;
  const planned = new Map([...plan.jobs].filter(({ key }) => selected(key)).map((job) => [job.key, job]));
  const states = new Map(before.jobs.map((job) => [job.key, job]));
  const savedKeys = new Set(saved.jobs.map(({ key }) => key));
  const look = new PlanLook(store, plan);
  const partsOf = jobParts(store, look);
  const standings = store && readStandings(store, plan);
  const isWaiting = (key: string) => isToBuy(standings?.get(key), saved.selection.failed);
  const wanted = (key: string) => selected(key) && isWaiting(key);
  const { free, former } = await foreseeRun(store, plan, { caps: [], wanted, nowMs: before.takenAtMs }, look);
  const notBought = new Set([...free.keys(), ...former.map(({ key }) => key)]);
  const isBegun = begunRoutes(saved, states);
  const changes: string[] = [];
  if (saved.emulated !== plan.emulate)
    changes.push(saved.emulated ? 'it was made for the emulator' : 'this is a run on the emulator');
  changes.push(...changedTerms(saved, termsOf(plan, folder)));
  for (const job of saved.jobs) {
    const found = planned.get(job.key);
    const known = states.get(job.key);
    const isUnbought = isWaiting(job.key);
    const isFree = notBought.has(job.key);
    const why =
      found === undefined
        ? ['is not in the manifest any more']
        : [
            ...(await changesOf(job, withSeenPrice(store, found, plan.prices), {
              known,
              isUnbought,
              isFree,
              partsOf,
              isBegun,
            })),
            ...changedLabels(job, found),
            ...changedOutput(job, found),
          ];
    changes.push(...why.map((text) => `${plainText(job.key)} ${text}`));
  }
  for (const key of planned.keys()) if (!savedKeys.has(key)) changes.push(`${plainText(key)} is new`);
  return changes;
}

/** Routes that the plan itself has bought on. */
function begunRoutes({ jobs }: SavedPlan, states: ReadonlyMap<string, JobSnapshot>): (route: string) => boolean {
  const routes = new Set(
    jobs.flatMap(({ key, route, to_buy: toBuy }) =>
      toBuy && states.get(key)?.attempts.some((attempt) => attempt.route === route) ? [route] : [],
    ),
  );
  return (route) => routes.has(route);
}

async function changesOf(
  saved: SavedJob,
  job: PlannedJob,
  now: {
    readonly known: JobSnapshot | undefined;
    readonly isUnbought: boolean;
    /** Nothing is bought for it. */
    readonly isFree: boolean;
    readonly partsOf: ReturnType<typeof jobParts>;
    readonly isBegun: (route: string) => boolean;
  },
): Promise<string[]> {
  const { known, isUnbought, isFree, partsOf, isBegun } = now;
  if (job.choices.length === 0) return ['can be made by no route now'];
  if (isFree || (!isUnbought && known?.attempts.some(({ route }) => route === saved.route))) {
    const { parts } = await savedJob(job, partsOf);
    return parts.route === saved.route ? askedWords(saved.parts, parts) : [];
  }
  const isRemade = saved.remake === true && known?.state === 'succeeded';
  if (saved.to_buy && !isUnbought && !isRemade) return [`is ${known?.state} by now`];
  if (!saved.to_buy && isUnbought) return ['is to be bought now'];
  const would = await savedJob(job, partsOf);
  if (would.route !== saved.route) return [`would go to ${would.route}, not to ${saved.route}`];
  // What a bare minimum comes to is seen by the first bills of the plan itself, and the budget goes by that; those of
  // others are news.
  const certainty = job.choices[0]?.estimate.certainty;
  const isOpen = certainty === 'floor' || (certainty === 'seen' && isBegun(saved.route));
  const price = (usd: string | null) => (usd === null ? 'an unknown price' : `$${usd}`);
  return [
    ...askedWords(saved.parts, would.parts),
    ...(isOpen || would.price_usd === saved.price_usd
      ? []
      : [`costs ${price(would.price_usd)}, not ${price(saved.price_usd)}`]),
  ];
}

function askedWords(before: SavedJob['parts'], now: SavedJob['parts']): string[] {
  const fields = changedParts(before, now);
  return fields.length > 0 ? [`is asked for differently: ${fields.join(', ')}`] : [];
}

/** Money that is spent for a job is charged back by its labels, whenever that was. */
function changedLabels({ labels }: SavedJob, found: PlannedJob): string[] {
  if (labels === undefined) return [];
  return differences(labels, found.labels).map(([name, was, is]) => {
    if (is === undefined) return `has no label ${plainText(name)}, and had ${plainText(was ?? '')}`;
    return `is labelled ${plainText(`${name}=${is}`)}, ${was === undefined ? 'and was not' : `not ${plainText(was)}`}`;
  });
}

function changedOutput({ output }: SavedJob, found: PlannedJob): string[] {
  if (output === undefined || output === found.output) return [];
  return [`would be saved as ${plainText(found.output)}, not as ${plainText(output)}`];
}

/** Hosts, caps and settings that are others now. */
function changedTerms({ terms, jobs }: SavedPlan, now: ReturnType<typeof termsOf>): string[] {
  if (terms === undefined) return [];
  const used = new Set(jobs.map(({ route }) => route.split('/')[0]));
  const hosts = differences(terms.hosts, now.hosts).filter(([id]) => used.has(id));
  return [
    ...hosts.map(([id, was, is]) => `providers.${id}.base_url is ${is ?? 'not set'}, not ${was ?? 'unset'}`),
    ...(terms.settings ? differences(terms.settings, now.settings) : []).flatMap(([name, was, is]) =>
      was === undefined || is === undefined
        ? []
        : `${name} is ${is}, ${was === UNSET ? 'and was not set' : `not ${was}`}`,
    ),
    ...differences(terms.caps, now.caps)
      .filter(isTighter)
      .map(
        ([name, was, is]) =>
          `${name} is ${is === undefined ? 'not set' : `$${is}`}, ${was === undefined ? 'and was not set' : `not $${was}`}`,
      ),
  ].map((text) => plainText(text));
}

/** More room under a cap takes nothing from what was agreed to; what a plan may cost is its own total. */
function isTighter([, was, is]: Difference): boolean {
  return was === undefined || is === undefined || parseUsd(is) < parseUsd(was);
}

type Difference = [name: string, was: string | undefined, is: string | undefined];

function differences(was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>): Difference[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names.flatMap((name): Difference[] => (was[name] === is[name] ? [] : [[name, was[name], is[name]]]));
}

/** @throws LocalizeError PLAN_CHANGED, naming every change */
export function refuseChanged(shown: string, changes: readonly string[]): void {
  if (changes.length === 0) return;
  const rest = changes.length - NAMED;
  const lines = [...changes.slice(0, NAMED), ...(rest > 0 ? [`and ${rest} more changes`] : [])];
  throw new LocalizeError('PLAN_CHANGED', `since ${shown} was made, something has changed: ${lines.join('; ')}`, {
    hint: 'look at it anew: localize plan --out FILE; nothing was spent',
  });
}
