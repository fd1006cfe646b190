import {
  count,
  durationWords,
  formatUsd,
  type JobState,
  knownEstimate,
  megabytes,
  type PlanTotal,
  plainText,
} from '@localize/core';
import { neededBytes } from '@localize/runner';
import type { PlanRow } from '../batch/plan-rows.js';
import type { Paint } from './paint.js';
import { passedOver } from './passed-over.js';
import type { PlanRemake, PlanView } from './plan-view.js';
import type { RunnerUp } from './runners-up.js';
import { tableLines } from './table.js';

export interface PlanTextOptions {
  readonly paint: Paint;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Warnings that the user has seen already, with their places in the manifest. */
  readonly said: ReadonlySet<string>;
}

/** `localize plan` for people. Ends with a newline. */
export function planText(view: PlanView, options: PlanTextOptions): string {
  const { paint, verbose, quiet, said } = options;
  const blocks = [
    quiet ? [] : jobLines(view, paint, verbose),
    sumLines('By provider', view.summary.byProvider, paint),
    view.summary.byLanguage.length > 1 ? sumLines('By language', view.summary.byLanguage, paint) : [],
    view.summary.byVideo.length > 1 ? sumLines('By video', view.summary.byVideo, paint) : [],
    sumLines('By label', view.summary.byLabel, paint),
    runnerUpLines(view, paint),
    // With --verbose each job says it.
    verbose ? [] : passedOverLines(view, paint),
    budgetLines(view, paint),
    remakeLines(
      view.remakes,
      paint('bold', `Changed since they were made; ${remakeWords(view)}`),
      displacedLines(view),
    ),
    remakeLines(
      view.outdated,
      paint(
        'bold',
        'Changed since they were bought; what is bought is finished first, then bought again only with --remake',
      ),
    ),
    takenBackLines(view, paint),
    view.warnings
      .filter((warning) => !said.has(warning))
      .map((warning) => paint('yellow', `warning: ${plainText(warning, 1000)}`)),
    view.problems.map((problem) => paint('red', `problem: ${plainText(problem, 1000)}`)),
    totalLines(view, paint),
  ];
  return `${blocks.flatMap((block) => (block.length === 0 ? [] : [block.join('\n')])).join('\n\n')}\n`;
}

function jobLines(view: PlanView, paint: Paint, verbose: boolean): string[] {
  const cells = view.rows.map((row) => [
    plainText(row.job.key),
    row.route ?? (row.isLeftOut ? 'left out' : 'no route'),
    row.billedSeconds === null ? '' : `${row.billedSeconds} s`,
    row.route === null ? '' : priceWords(row),
    standingWords(row),
  ]);
  return tableLines(cells, [2, 3]).flatMap((line, index) => {
    const row = view.rows[index];
    const details = verbose ? (row?.job.ineligible ?? []) : [];
    const lines = details.map(({ route, reason }) => paint('dim', `    not ${route}: ${plainText(reason)}`));
    const others = verbose && row?.buys ? otherChoices(row) : [];
    return [row?.buys ? line : paint('dim', line), ...others.map((text) => paint('dim', text)), ...lines];
  });
}

function standingWords({ buys, takes, route, state }: PlanRow): string {
  if (buys && state === 'succeeded') return 'made again';
  if (buys || (route === null && state === 'pending')) return '';
  switch (takes?.kind) {
    case 'disk':
      return 'free: taken from disk';
    case 'provider':
      return 'free: paid for, fetched again';
    case 'twin':
      return `free: the same as ${plainText(takes.of)}`;
    case 'former':
      return 'made before';
    case undefined:
      return state;
  }
}

function otherChoices({ job }: PlanRow): string[] {
  return job.choices.slice(1).map(({ route, estimate }) => `    or ${route}: ${priceWords(estimate)}`);
}

function priceWords({ micros, certainty }: Pick<PlanRow, 'micros' | 'certainty'>): string {
  if (micros === null) return 'unknown';
  const how = certainty === 'floor' ? 'from ' : certainty === 'seen' ? 'about ' : '';
  return `${how}$${formatUsd(micros)}`;
}

export function sumLines(title: string, sums: readonly PlanTotal[], paint: Paint): string[] {
  if (sums.length === 0) return [];
  const rest = sums.length - SUMS_SHOWN;
  const rows = tableLines(
    sums.slice(0, SUMS_SHOWN).map((sum) => [plainText(sum.name), jobs(sum.jobs), moneyWords(sum)]),
    [1, 2],
  );
  const more = rest > 0 ? [paint('dim', `  and ${rest} more, all in --json`)] : [];
  return [paint('bold', title), ...rows.map((row) => `  ${row}`), ...more];
}

/** A batch of hundreds of videos has as many sums. */
const SUMS_SHOWN = 20;

/** What choosing another route would cost, for the jobs that could go there. */
function runnerUpLines({ runnersUp }: PlanView, paint: Paint): string[] {
  if (runnersUp.length === 0) return [];
  const rows = tableLines(
    runnersUp.map((other) => [other.route, jobs(other.jobs), `${differenceWords(other)}${resolutionWords(other)}`]),
    [1],
  );
  return [paint('bold', 'Runners-up: what choosing another route would cost'), ...rows.map((row) => `  ${row}`)];
}

/** Why a route that the manifest names, or prefers, gets nothing. */
function passedOverLines({ rows }: PlanView, paint: Paint): string[] {
  const routes = passedOver(rows);
  if (routes.length === 0) return [];
  const lines = tableLines(
    routes.slice(0, ROUTES_SHOWN).map(({ route, jobs: out, reason }) => [route, jobs(out), plainText(reason)]),
    [1],
  );
  const rest = routes.length - lines.length;
  const more = rest > 0 ? [paint('dim', `  and ${rest} more reasons, each at its job with --verbose`)] : [];
  return [paint('bold', 'Ruled out'), ...lines.map((line) => `  ${line}`), ...more];
}

const ROUTES_SHOWN = 8;

function differenceWords(other: RunnerUp): string {
  const { jobs: all, micros, differenceMicros, unpricedJobs, uncomparedJobs, minimumJobs } = other;
  if (unpricedJobs === all) return 'price unknown';
  const atLeast = minimumJobs > 0 ? 'at least ' : '';
  if (uncomparedJobs === all) return `${atLeast}$${formatUsd(micros)}, beside an unknown price`;
  const amount = formatUsd(Math.abs(differenceMicros));
  const bound = minimumJobs === 0 ? '' : differenceMicros > 0 ? 'at least ' : 'at most ';
  const difference =
    differenceMicros === 0 ? 'the same' : `${bound}$${amount} ${differenceMicros > 0 ? 'more' : 'less'}`;
  const unknown = uncomparedJobs > 0 ? `; of ${jobs(uncomparedJobs)} one of the two prices is unknown` : '';
  return `${atLeast}$${formatUsd(micros)}, ${difference}${unknown}`;
}

/** The prices that are compared may be of pictures of several sizes, where the manifest asks for none. */
function resolutionWords({ resolutions, chosenResolutions }: RunnerUp): string {
  if (resolutions.length === 0) return '';
  const own = resolutions.join(' and ');
  const chosen = chosenResolutions.join(' and ');
  return chosen === own
    ? `; at ${own}`
    : `; at ${own}, and what is chosen ${chosen === '' ? 'has no such setting' : `at ${chosen}`}`;
}

function budgetLines({ budget }: PlanView, paint: Paint): string[] {
  if (budget.length === 0) return [];
  const rows = tableLines(
    budget.map(({ name, micros, spentMicros, unpricedAttempts, leftMicros, waitingJobs, shortMicros }) => [
      plainText(name),
      `$${formatUsd(micros)}`,
      `$${formatUsd(spentMicros)}${unpricedAttempts > 0 ? ` and ${count(unpricedAttempts, 'unknown amount')}` : ''} spent`,
      waitingJobs > 0
        ? `${unpricedAttempts > 0 ? 'at least ' : ''}$${formatUsd(shortMicros)} short for ${jobs(waitingJobs)}`
        : `${unpricedAttempts > 0 ? 'at most ' : ''}$${formatUsd(leftMicros)} left`,
    ]),
    [1, 2, 3],
  );
  return [paint('bold', 'Budget'), ...rows.map((row) => `  ${row}`)];
}

function remakeWords({ remakes }: PlanView): string {
  return remakes.some(({ isMade }) => isMade) ? 'made again' : 'bought again only with --remake';
}

/** What making videos again costs besides money. */
function displacedLines({ displaced }: PlanView): string[] {
  return displaced === 0 ? [] : [`${displacedWords(displaced)} for money`];
}

/** `1 job that has no video yet then waits` */
export function displacedWords(displaced: number): string {
  const wait = displaced === 1 ? 'has no video yet then waits' : 'have no video yet then wait';
  return `${count(displaced, 'job')} that ${wait}`;
}

function remakeLines(remakes: readonly PlanRemake[], title: string, more: readonly string[] = []): string[] {
  if (remakes.length === 0) return [];
  const rows = tableLines(
    remakes.map(({ key, fields, micros, approved, waits }) => [
      plainText(key),
      micros === null ? 'unknown' : `$${formatUsd(micros)}`,
      `changed: ${fields.join(', ')}${approved ? ' (approved: only with --include-approved)' : ''}${waits ? ' (the budget has no room for it)' : ''}`,
    ]),
    [1],
  );
  return [title, ...rows.map((row) => `  ${row}`), ...more.map((line) => `  ${line}`)];
}

function takenBackLines({ takenBack }: PlanView, paint: Paint): string[] {
  if (takenBack.length === 0) return [];
  const rows = takenBack.map(({ key, fields }) => `  ${plainText(key)}  changed: ${fields.join(', ')}`);
  return [paint('bold', 'Changed back to what was made before; a run takes that again, for free'), ...rows];
}

function totalLines({ plan, summary, affordable, rows, spaceBytes }: PlanView, paint: Paint): string[] {
  const { total, forecast } = summary;
  const waiting = total.jobs - affordable.jobs;
  const made = rows.filter(({ buys, state }) => !buys && MADE.includes(state)).length;
  const free = rows.filter(({ takes }) => takes !== null).length;
  const stopped = rows.length - total.jobs - made - free;
  const already = [
    // As the question before the run says it.
    ...(waiting > 0 ? [` (the budget has no room for ${count(waiting, 'further job')})`] : []),
    ...(free > 0 ? [`; ${free} of ${jobs(rows.length)} ${free === 1 ? 'costs' : 'cost'} nothing`] : []),
    ...(made > 0 ? [`; ${made} of ${jobs(rows.length)} ${made === 1 ? 'is' : 'are'} made or under way`] : []),
    ...(stopped > 0
      ? [`; ${stopped} of ${jobs(rows.length)} ${stopped === 1 ? 'is' : 'are'} not made by a run as it is`]
      : []),
  ].join('');
  if (affordable.jobs === 0) return [paint('bold', `${plan.batch}: nothing to buy${already}`)];
  const amount = knownEstimate(affordable) === null ? 'an unknown price' : moneyWords(affordable);
  const money = `${amount}${plan.emulate ? ' (simulated: the batch runs on the emulator)' : ''}`;
  return [
    paint('bold', `${plan.batch}: ${jobs(affordable.jobs)} to buy for ${money}${already}`),
    `A run wants ${megabytes(spaceBytes)} free on the outputs’ disk, ${megabytes(neededBytes(0))} of them in reserve.`,
    plan.emulate
      ? `At the real providers it would take about ${durationWords(forecast.milliseconds)}; the emulator is much faster.`
      : `It will take about ${durationWords(forecast.milliseconds)} by the lanes’ limits and the routes’ usual times.`,
  ];
}

const MADE: readonly JobState[] = ['succeeded', 'submitting', 'processing', 'downloading'];

function moneyWords(total: PlanTotal): string {
  const { estimatedMicros, unpricedJobs, minimumJobs } = total;
  const amount = `${minimumJobs > 0 ? 'at least ' : ''}$${formatUsd(estimatedMicros)}`;
  if (unpricedJobs === 0) return amount;
  const unknown = `${jobs(unpricedJobs)} of unknown price`;
  return knownEstimate(total) === null ? unknown : `${amount} and ${unknown}`;
}

function jobs(number: number): string {
  return count(number, 'job');
}
