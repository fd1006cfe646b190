import {
  type BillSeen,
  count,
  type Estimate,
  EXIT,
  type ExitCode,
  formatUsd,
  jobTotals,
  onlyWord,
  openMoneyWords,
  plainText,
  type RouteId,
  shellWord,
} from '@localize/core';
import {
  type AttemptRow,
  acceptedPrice,
  type ForeseenRun,
  foreseeRun,
  isCapped,
  isKnownBatch,
  jobsNamed,
  type Retried,
  retry as retryJobs,
  retryUnrun,
  systemClock,
  type TakenFrom,
} from '@localize/runner';
import { openQuestions } from '../batch/ask-provider.js';
import type { KnownJob } from '../batch/known-jobs.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { takenWords } from '../output/plan-problems.js';
import { selectJobs } from '../select/select-jobs.js';
import { type Actions, withActions } from './open-actions.js';
import { sayStaleReport } from './say-stale-report.js';

export interface RetryOptions extends SharedOptions {
  readonly uncertain?: boolean;
  readonly sameBatch?: boolean;
}

/** `localize retry`: back to work with what failed or is held. Buys nothing itself. */
export async function retry(
  context: CommandContext,
  manifest: string | undefined,
  options: RetryOptions,
): Promise<ExitCode> {
  return withActions(context, manifest, options, async (actions) => {
    const only = selectJobs(actions.jobs, options);
    const selected = actions.jobs().filter(({ key }) => only(key));
    const retried = await putBack(actions, only, options.uncertain ?? false);
    const outlook = await foreseeNext(actions, retried);
    if (options.json) context.out.write(`${JSON.stringify(retryJson(retried, outlook))}\n`);
    else if (!options.quiet) sayRetried(context, actions, { retried, outlook, selected, options });
    return EXIT.ok;
  });
}

/** Jobs of a batch that has never run are not in the state: of them no more than a route's bill can be accepted. */
async function putBack(
  { batch, options: actions }: Actions,
  only: (key: string) => boolean,
  uncertain: boolean,
): Promise<Retried> {
  const capped = isCapped(actions.store, batch.plan) ? batch.plan : null;
  const isNew = !isKnownBatch(actions.store, batch.plan.batch);
  const unrun = isNew && capped ? retryUnrun(actions, capped, only) : null;
  if (unrun !== null) return unrun;
  const questions = openQuestions(batch, actions.store);
  try {
    return await retryJobs(actions, { only, uncertain, look: questions.status, capped });
  } finally {
    await questions.close();
  }
}

/** What the next run will do with the jobs that were put back. */
interface Outlook {
  readonly bought: readonly string[];
  /** By key what each takes for free. */
  readonly free: ReadonlyMap<string, TakenFrom>;
  readonly placeTaken: ForeseenRun['taken'];
  readonly prices: ReadonlyMap<string, Estimate | undefined>;
}

async function foreseeNext({ batch, options: { store } }: Actions, { again }: Retried): Promise<Outlook> {
  const keys = new Set(again);
  const plan = { ...batch.plan, jobs: jobsNamed(batch.plan.jobs, keys) };
  const nowMs = systemClock().nowMs();
  const foreseen = await foreseeRun(store, plan, { caps: [], wanted: (key) => keys.has(key), nowMs });
  const { free, taken } = foreseen;
  return {
    bought: again.filter((key) => !free.has(key) && !taken.has(key)),
    free,
    placeTaken: taken,
    prices: new Map([...foreseen.plan.jobs].map(({ key, choices }) => [key, choices[0]?.estimate])),
  };
}

function retryJson({ resumed, unsettled, reopened }: Retried, { bought, free, placeTaken, prices }: Outlook) {
  return {
    again: bought,
    free: [...free.keys()],
    resumed,
    unsettled,
    place_taken: [...placeTaken.keys()],
    reopened: reopened.map(({ route }) => route),
    estimated_usd: Object.fromEntries(bought.map((key) => [key, usdOrNull(prices.get(key))])),
  };
}

interface Told {
  readonly retried: Retried;
  readonly outlook: Outlook;
  readonly selected: readonly KnownJob[];
  readonly options: RetryOptions;
}

function sayRetried(context: CommandContext, { batch, store }: Actions, told: Told): void {
  const { retried, outlook, selected, options } = told;
  const { resumed, unsettled, reopened } = retried;
  const carriedOut = [
    ...reopened.map(({ route }) => reopenedWords(route, acceptedPrice(store, route, batch.plan.prices))),
    ...outlook.bought.map((key) => boughtWords(key, retried, outlook)),
    ...[...outlook.free].map(([key, from]) => `${key} ${freeWords(from)}`),
    ...resumed.map((key) => `${key} ${resumedWords(key, retried)}`),
  ];
  const leftAlone = [
    ...takenWords(outlook.placeTaken, batch.again),
    ...unsettled.map((key) => unsettledWords(key, batch.again)),
  ];
  const lines = [...carriedOut, ...leftAlone];
  context.out.write(`${lines.length === 0 ? nothingWords(selected) : lines.join('\n')}\n`);
  if (carriedOut.length === 0) return;
  context.err.write(`To carry it out: localize ${batch.again}\n`);
  sayStaleReport(context, batch, options);
}

function boughtWords(key: string, { boughtBefore, released }: Retried, { prices }: Outlook): string {
  const again = boughtBefore.has(key) ? ' again' : '';
  return `${key} will be bought${again} ${priceWords(prices.get(key))}${releasedWords(released.get(key))}`;
}

const SOUGHT = {
  lost: 'is paid for and lost: the provider is asked for it once more, for free; if it stays lost, another retry buys it again',
  'bad-output':
    'is paid for, though what came was no complete video: it is fetched once more, for free; if that is none either, another retry buys it again',
} as const;

const FOLLOWED = 'was bought before: its prediction is followed to its end, and fetched if it succeeds';

function resumedWords(key: string, { sought, followed }: Pick<Retried, 'sought' | 'followed'>): string {
  const why = sought.get(key);
  if (why !== undefined) return SOUGHT[why];
  return followed.has(key) ? FOLLOWED : 'is paid for and will be fetched';
}

/** Of a prediction that is given up while it may still come to something: what becomes of it. */
function releasedWords(attempt: AttemptRow | undefined): string {
  if (attempt === undefined) return '';
  const { predictionId, provider } = attempt;
  const atRisk = openMoneyWords([{ ...attempt, state: 'abandoned' }]);
  return `; its prediction ${plainText(predictionId ?? '')} at ${provider} is given up and may still be charged${atRisk}: each run looks at it, and takes its result if that comes before the other is bought`;
}

function freeWords(from: TakenFrom): string {
  switch (from.kind) {
    case 'disk':
      return 'will be taken from disk, for free';
    case 'provider':
      return 'is paid for and will be fetched';
    case 'twin':
      return `will have the result of ${from.of}, for free`;
  }
}

/** Why nothing is to be done, by where the jobs that were asked for stand. */
function nothingWords(jobs: readonly KnownJob[]): string {
  if (jobs.length === 0) return 'nothing to retry: no job has failed';
  const { succeeded, pending, running } = jobTotals(jobs);
  const stands = [
    ...(succeeded > 0 ? [`${succeeded} succeeded`] : []),
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(running > 0 ? [`${running} running`] : []),
  ];
  const all = count(jobs.length, 'job');
  const where = stands.length === 0 ? '' : ` (${stands.join(', ')})`;
  return `nothing to retry: of ${all} that ${jobs.length === 1 ? 'is' : 'are'} asked for none is failed, held or canceled${where}`;
}

function unsettledWords(key: string, manifest: string): string {
  const ways = `localize settle ${manifest} ${shellWord(key)}, or localize retry ${manifest} --only ${onlyWord(key)} --uncertain to buy it again`;
  return `${key} is left as it is, since nobody knows whether its create was bought: ${ways}`;
}

/** What is accepted of one route holds wherever it is used. @param bill beside what the price of this batch says of the same */
function reopenedWords(route: RouteId, bill: BillSeen | null): string {
  const goesOn = `${route} takes creates again, in every batch of this state`;
  if (bill === null) return goesOn;
  const { billedMicros, estimateMicros } = bill;
  return `${goesOn}, and is expected at what it billed: $${formatUsd(billedMicros)} for what its price puts at $${formatUsd(estimateMicros)}`;
}

function usdOrNull(estimate: Estimate | undefined): string | null {
  return estimate === undefined || estimate.micros === null ? null : formatUsd(estimate.micros);
}

/** What the next run will pay for it, as far as anybody can say beforehand. */
function priceWords(estimate: Estimate | undefined): string {
  const usd = usdOrNull(estimate);
  if (usd === null) return 'at a price that is unknown beforehand';
  return `for ${estimate?.certainty === 'floor' ? 'at least' : 'about'} $${usd}`;
}
