import { type JobSnapshot, LocalizeError, type PlannedJob, parseUsd, plainText } from '@localize/core';
import { changedParts, jobParts, PlanLook } from '@localize/runner';
import { type PlanMadeNow, type PlanNow, planMadeNow } from './plan-made-now.js';
import { onRoute, type SavedJob, type SavedPlan, savedJob, termsOf, UNSET } from './saved-plan.js';

/** A plan of thousands of jobs may have changed in all of them at once. */
const NAMED = 20;

/**
 * What a run would do otherwise than the saved plan says; empty when it would carry out exactly that. What has been
 * bought since as it was planned is no change: the plan is under way.
 */
export async function planChanges(
  saved: SavedPlan,
  now: PlanNow & {
    /** The manifest's. */
    readonly folder: string;
  },
): Promise<string[]> {
  const { plan, before, store, folder } = now;
  const look = new PlanLook(store, plan);
  const made = await planMadeNow(saved, now, look);
  const states = new Map(before.jobs.map((job) => [job.key, job]));
  const savedKeys = new Set(saved.jobs.map(({ key }) => key));
  const of = { made, states, partsOf: jobParts(store, look), begun: begunRoutes(saved, states) };
  const changes: string[] = [];
  if (saved.emulated !== plan.emulate)
    changes.push(saved.emulated ? 'it was made for the emulator' : 'this is a run on the emulator');
  changes.push(...changedTerms(saved, termsOf(plan, folder)));
  for (const job of saved.jobs) {
    const found = made.jobs.get(job.key);
    const why =
      found === undefined
        ? ['is not in the manifest any more']
        : [...(await changesOf(job, found, of)), ...changedLabels(job, found), ...changedOutput(job, found)];
    changes.push(...why.map((text) => `${plainText(job.key)} ${text}`));
  }
  for (const key of made.jobs.keys()) if (!savedKeys.has(key)) changes.push(`${plainText(key)} is new`);
  return changes.length === 0 ? changes : [...changes, ...roomless(saved, of)];
}

/** Of a plan that is made anew anyway: what the caps have no room for by now. By itself that is no change, since the run leaves it. */
function roomless({ jobs }: SavedPlan, { made, begun }: LookedAt): string[] {
  if (begun.size > 0) return [];
  const short = jobs.filter(({ key, to_buy: toBuy, waits }) => toBuy && waits === undefined && made.waits(key));
  return short.map(({ key }) => `${plainText(key)} has no room under the budget now`);
}

/** Routes that the plan itself has bought on. */
function begunRoutes({ jobs }: SavedPlan, states: ReadonlyMap<string, JobSnapshot>): ReadonlySet<string> {
  return new Set(
    jobs.flatMap(({ key, route, to_buy: toBuy }) =>
      toBuy && states.get(key)?.attempts.some((attempt) => attempt.route === route) ? [route] : [],
    ),
  );
}

interface LookedAt {
  readonly made: PlanMadeNow;
  readonly states: ReadonlyMap<string, JobSnapshot>;
  readonly partsOf: ReturnType<typeof jobParts>;
  readonly begun: ReadonlySet<string>;
}

async function changesOf(saved: SavedJob, job: PlannedJob, of: LookedAt): Promise<string[]> {
  const { made, partsOf } = of;
  const [first] = job.choices;
  if (first === undefined) return ['can be made by no route now'];
  const choice = onRoute(job, saved.route);
  const asked = async () => (choice ? askedWords(saved.parts, (await savedJob(job, choice, partsOf)).parts) : []);
  const isUnbought = made.isUnbought(saved.key);
  if (made.isFree(saved.key) || (!isUnbought && isAsPlanned(saved, of))) return asked();
  if (made.isLeft(saved.key)) return asked();
  if (!isUnbought && !made.isRemade(saved.key)) return [`is ${of.states.get(saved.key)?.state} by now`];
  const blocked = made.whyBlocked(saved.key);
  if (!saved.to_buy) return blocked === null ? ['is to be bought now'] : asked();
  // What its own bills have closed is held by the run, which goes on with what it has bought.
  if (blocked !== null && !of.begun.has(saved.route)) return [`would be held: ${blocked}`];
  if (choice === undefined || (choice !== first && !staysOn(saved, of)))
    return [`would go to ${first.route}, not to ${saved.route}${closedWords(made.whyClosed(saved.route))}`];
  return [
    ...(await asked()),
    ...changedPrice(saved, await savedJob(job, choice, partsOf), { choice, begun: of.begun }),
  ];
}

function closedWords(why: string | null): string {
  return why === null ? '' : `, which takes no further creates: ${plainText(why)}`;
}

/** Whether a job that is bought, or is not bought again, is so as the plan says. */
function isAsPlanned(saved: SavedJob, { made, states }: LookedAt): boolean {
  if (made.isRemade(saved.key)) return false;
  const known = states.get(saved.key);
  const isMade = saved.remake === true && known?.state === 'succeeded';
  return !saved.to_buy || isMade || known?.attempts.some(({ route }) => route === saved.route) === true;
}

/**
 * Whether a job keeps to its saved route although a plan made now would begin with another: where no route has room for
 * it it waits, and what the plan itself has bought and been billed moves the room that the caps have left.
 */
function staysOn({ key }: SavedJob, { made, begun }: LookedAt): boolean {
  return made.waits(key) || begun.size > 0;
}

function changedPrice(
  saved: SavedJob,
  now: Pick<SavedJob, 'price_usd'>,
  { choice, begun }: { choice: PlannedJob['choices'][number]; begun: ReadonlySet<string> },
): string[] {
  // What a bare minimum comes to is seen by the first bills of the plan itself, and the budget goes by that; those of
  // others are news.
  const { certainty } = choice.estimate;
  const isOpen = certainty === 'floor' || (certainty === 'seen' && begun.has(saved.route));
  if (isOpen || now.price_usd === saved.price_usd) return [];
  const price = (usd: string | null) => (usd === null ? 'an unknown price' : `$${usd}`);
  return [`costs ${price(now.price_usd)}, not ${price(saved.price_usd)}`];
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
