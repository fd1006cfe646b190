import { formatUsd, type PlanTotal, plainText } from '@localize/core';
import { formatDuration } from './format-duration.js';
import type { Paint } from './paint.js';
import type { PlanRow, PlanView } from './plan-view.js';
import { tableLines } from './table.js';

/** `localize plan` for people. Ends with a newline. */
export function planText(view: PlanView, options: { paint: Paint; verbose: boolean; quiet: boolean }): string {
  const { paint, verbose, quiet } = options;
  const blocks = [
    quiet ? [] : jobLines(view, paint, verbose),
    sumLines('By provider', view.summary.byProvider, paint),
    view.summary.byLanguage.length > 1 ? sumLines('By language', view.summary.byLanguage, paint) : [],
    remakeLines(view, paint),
    view.warnings.map((warning) => paint('yellow', `warning: ${plainText(warning, 1000)}`)),
    totalLines(view, paint),
  ];
  return `${blocks.flatMap((block) => (block.length === 0 ? [] : [block.join('\n')])).join('\n\n')}\n`;
}

function jobLines(view: PlanView, paint: Paint, verbose: boolean): string[] {
  const cells = view.rows.map((row) => [
    plainText(row.job.key),
    row.route ?? 'no route',
    row.billedSeconds === null ? '' : `${row.billedSeconds} s`,
    priceWords(row),
    row.buys ? '' : row.state,
  ]);
  return tableLines(cells, [2, 3]).flatMap((line, index) => {
    const row = view.rows[index];
    const details = verbose ? (row?.job.ineligible ?? []) : [];
    const lines = details.map(({ route, reason }) => paint('dim', `    not ${route}: ${plainText(reason)}`));
    return [row?.buys ? line : paint('dim', line), ...lines];
  });
}

function priceWords({ micros, certainty }: PlanRow): string {
  if (micros === null) return 'unknown';
  return `${certainty === 'floor' ? 'from ' : ''}$${formatUsd(micros)}`;
}

export function sumLines(title: string, sums: readonly PlanTotal[], paint: Paint): string[] {
  if (sums.length === 0) return [];
  const rows = tableLines(
    sums.map((sum) => [plainText(sum.name), jobs(sum.jobs), moneyWords(sum)]),
    [1, 2],
  );
  return [paint('bold', title), ...rows.map((row) => `  ${row}`)];
}

function remakeLines({ remakes }: PlanView, paint: Paint): string[] {
  if (remakes.length === 0) return [];
  const rows = tableLines(
    remakes.map(({ key, fields, micros, approved }) => [
      plainText(key),
      micros === null ? 'unknown' : `$${formatUsd(micros)}`,
      `changed: ${fields.join(', ')}${approved ? ' (approved: only with --include-approved)' : ''}`,
    ]),
    [1],
  );
  return [
    paint('bold', 'Changed since they were made; bought again only with --remake'),
    ...rows.map((row) => `  ${row}`),
  ];
}

function totalLines({ plan, summary, rows, spaceBytes }: PlanView, paint: Paint): string[] {
  const { total, forecast } = summary;
  const rest = rows.length - total.jobs;
  const already = rest > 0 ? `; ${rest} of ${jobs(rows.length)} are made or under way` : '';
  if (total.jobs === 0) return [paint('bold', `${plan.batch}: nothing to buy${already}`)];
  const money = `${moneyWords(total)}${plan.emulate ? ' (simulated: the batch runs on the emulator)' : ''}`;
  return [
    paint('bold', `${plan.batch}: ${jobs(total.jobs)} to buy for ${money}${already}`),
    `The outputs may need ${Math.ceil(spaceBytes / 1_000_000)} MB on disk.`,
    plan.emulate
      ? `At the real providers it would take about ${formatDuration(forecast.milliseconds)}; the emulator is much faster.`
      : `It will take about ${formatDuration(forecast.milliseconds)} by the lanes’ limits and the routes’ usual times.`,
  ];
}

function moneyWords({ estimatedMicros, unpricedJobs, minimumJobs }: PlanTotal): string {
  const amount = `${minimumJobs > 0 ? 'at least ' : ''}$${formatUsd(estimatedMicros)}`;
  if (unpricedJobs === 0) return amount;
  const unknown = `${jobs(unpricedJobs)} of unknown price`;
  return estimatedMicros === 0 ? unknown : `${amount} and ${unknown}`;
}

function jobs(count: number): string {
  return `${count} ${count === 1 ? 'job' : 'jobs'}`;
}
