import {
  type BillSeen,
  count,
  type Estimate,
  formatUsd,
  jobTotals,
  onlyWord,
  openMoneyWords,
  plainText,
  type RouteId,
  shellWord,
} from '@localize/core';
import { type AttemptRow, acceptedPrice, type Retried, type TakenFrom } from '@localize/runner';
import type { KnownJob } from '../batch/known-jobs.js';
import { unaskedWords } from '../batch/unasked-words.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { takenWords } from '../output/plan-problems.js';
import type { Actions } from './open-actions.js';
import { type RetryOutlook, usdOrNull } from './retry-outlook.js';
import { sayStaleReport } from './say-stale-report.js';

/** What `retry` has done, and what comes of it. */
interface Told {
  readonly retried: Retried;
  readonly outlook: RetryOutlook;
  readonly selected: readonly KnownJob[];
  readonly options: SharedOptions;
}

/** Tells each job by what becomes of it, then the command that carries it out. */
export function sayRetried(context: CommandContext, { batch, store }: Actions, told: Told): void {
  const { retried, outlook, selected, options } = told;
  const { resumed, unsettled, unasked, reopened } = retried;
  const carriedOut = [
    ...reopened.map(({ route }) => reopenedWords(route, acceptedPrice(store, route, batch.plan.prices))),
    ...outlook.bought.map((key) => boughtWords(key, retried, outlook)),
    ...[...outlook.free].map(([key, from]) => `${key} ${freeWords(from)}`),
    ...resumed.map((key) => `${key} ${resumedWords(key, retried)}`),
  ];
  const leftAlone = [
    ...takenWords(outlook.placeTaken, batch.again),
    ...unsettled.map((key) => unsettledWords(key, batch.again)),
    ...unasked.map((key) => `${key} is ${unaskedWords(key, batch.again)}`),
  ];
  const lines = [...carriedOut, ...leftAlone];
  context.out.write(`${lines.length === 0 ? nothingWords(selected) : lines.join('\n')}\n`);
  if (carriedOut.length === 0) return;
  context.err.write(`To carry it out: localize ${batch.again}\n`);
  sayStaleReport(context, batch, options);
}

function boughtWords(key: string, { boughtBefore, released }: Retried, { prices }: RetryOutlook): string {
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

/** What the next run will pay for it, as far as anybody can say beforehand. */
function priceWords(estimate: Estimate | undefined): string {
  const usd = usdOrNull(estimate);
  if (usd === null) return 'at a price that is unknown beforehand';
  return `for ${estimate?.certainty === 'floor' ? 'at least' : 'about'} $${usd}`;
}
