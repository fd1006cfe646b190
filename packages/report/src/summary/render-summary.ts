import { plainText, type StreamedSnapshot } from '@localize/core';
import { FOR_NEXT_RUN, nobodyIsNeeded } from '../view-model/attention.js';
import type { CostRow } from '../view-model/cost-groups.js';
import { formatCount, formatNumber } from '../view-model/format.js';
import { mendWays } from '../view-model/mend-command.js';
import { billedText, moneyLines, perMinuteText } from '../view-model/money-lines.js';
import { type ReportView, type SummaryView, summaryViewTally } from '../view-model/report-view.js';
import type { ReviewGroup } from '../view-model/review-troubles.js';
import { stakeWords } from '../view-model/stakes.js';
import { type StateGroup, stateCounts } from '../view-model/state-counts.js';
import type { AttentionGroup, AttentionItem } from '../view-model/stopped-jobs.js';
import { tallied } from '../view-model/tally.js';
import { columns, wrapText } from './layout.js';
import { createPaint, type Paint } from './style.js';

export interface SummaryOptions {
  /** ANSI colours; the caller has looked at `NO_COLOR` and at the terminal. */
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** A terminal shows so many jobs of one reason; the report shows all. */
const ITEMS_SHOWN = 5;

/** Words are not broken into less. */
const LEAST_WIDTH = 20;

/** And so many lines of one way to split the money. */
const COST_ROWS_SHOWN = 10;

/** Of a view that was made for the documents. */
export function summaryView({ groups, ...view }: ReportView): SummaryView {
  return { ...view, groups: { route: groups.route, labels: groups.labels } };
}

/** What the terminal says at the end of a run. Ends with a newline. */
export function renderSummary(snapshot: StreamedSnapshot, options: SummaryOptions): string {
  return renderSummaryView(tallied(snapshot.jobs, summaryViewTally(snapshot)), options);
}

/** The same of a view that was made before. */
export function renderSummaryView(view: SummaryView, options: SummaryOptions): string {
  const paint = createPaint(options.color);
  const width = Math.max(LEAST_WIDTH, options.width);
  const blocks = [
    headBlock(view, paint, width),
    moneyBlock(view, paint, width),
    budgetBlock(view, paint, width),
    costBlock('By route', view.groups.route, paint, 'moved or removed jobs'),
    ...Object.entries(view.groups.labels).map(([key, rows]) =>
      costBlock(`By label ${plainText(key, 40)}`, rows, paint),
    ),
    attentionBlock(view, paint, width),
    changedBlock(view, paint, width),
    leftBlock(view, paint, width),
    nextRunBlock(view, paint, width),
    reviewsBlock(view, paint, width),
    warningsBlock(view, paint, width),
    filesBlock(view, width),
  ];
  return `${blocks.filter((block) => block.length > 0).join('\n\n')}\n`;
}

function headBlock(view: SummaryView, paint: Paint, width: number): string {
  const tones = { good: paint.green, changed: paint.yellow, busy: paint.bold, bad: paint.yellow, empty: paint.bold };
  const tone = tones[view.verdict.tone];
  const counts = stateCounts(view).map(({ state, name, count, note }) =>
    paintCount(state, count, paint)(`${formatNumber(count)} ${name.toLowerCase()}${note === null ? '' : ` (${note})`}`),
  );
  return [
    tone(wrapText(`${view.batch}: ${view.verdict.text}`, width, '')),
    `  ${counts.join(paint.dim(' · '))}`,
    ...(view.selection === null ? [] : [`  Only the jobs of ${view.selection}.`]),
    ...(view.lastRun === null ? [] : [paint.dim(wrapText(`${view.lastRun.text}.`, width, '  '))]),
    ...(view.emulated
      ? [paint.yellow('  Prices are simulated: this batch ran on the emulator, nothing was bought.')]
      : []),
  ].join('\n');
}

function paintCount(state: StateGroup, count: number, paint: Paint): (text: string) => string {
  if (count === 0) return paint.dim;
  if (state === 'succeeded') return paint.green;
  if (state === 'failed') return paint.red;
  return state === 'held' ? paint.yellow : (text) => text;
}

function moneyBlock(view: SummaryView, paint: Paint, width: number): string {
  const lines = moneyLines(view);
  const rows = columns(
    lines.map(({ name, amount }) => [name, amount]),
    [1],
  );
  const text = rows.map((row, index) => {
    const line = lines[index];
    return `  ${line?.alarming ? paint.yellow(row) : row}${noteText(line?.note ?? '', row.length + 2, width, paint)}`;
  });
  return [paint.bold(view.emulated ? 'Money (simulated)' : 'Money'), ...text].join('\n');
}

/** Behind its line where there is room, else below it: what is piped into a file must not be cut. */
function noteText(note: string, used: number, width: number, paint: Paint): string {
  if (note === '') return '';
  if (used + 2 + note.length <= width) return `  ${paint.dim(note)}`;
  return `\n${paint.dim(wrapText(note, width, '      '))}`;
}

function budgetBlock({ budget }: SummaryView, paint: Paint, width: number): string {
  if (budget.length === 0) return '';
  const rows = columns(
    budget.map(({ name, spent, cap }) => [name, `${spent} of ${cap}`]),
    [1],
  );
  const text = rows.map((row, index) => {
    const line = budget[index];
    const note = line?.waiting ?? `${line?.left} left (${line?.scope})`;
    const shown = line?.tone === 'calm' ? row : paint.yellow(row);
    return `  ${shown}${noteText(note, row.length + 2, width, paint)}`;
  });
  return [paint.bold('Budget'), ...text].join('\n');
}

function hasSomethingToSay({ jobs, finishedJobs, money }: CostRow): boolean {
  // What came free is done as well.
  if (jobs > 0) return money.attempts > 0 || finishedJobs > 0;
  return money.billedMicros > 0 || money.unpricedAttempts > 0 || money.inFlightMicros > 0 || money.atRiskMicros > 0;
}

/** @param gone whose money a line shows that no job is of by now */
function costBlock(title: string, all: readonly CostRow[], paint: Paint, gone = 'removed jobs'): string {
  const rows = all.filter(hasSomethingToSay);
  if (rows.length === 0) return '';
  const cells = rows
    .slice(0, COST_ROWS_SHOWN)
    .map((row) => [
      plainText(row.name, 60),
      row.jobs === 0 ? gone : `${formatNumber(row.finishedJobs)} of ${formatNumber(row.jobs)} done`,
      billedText(row.money),
      row.perFinishedMinute === null ? '' : `${perMinuteText(row.perFinishedMinute)} a minute`,
    ]);
  const rest = rows.length - cells.length;
  const more = rest > 0 ? [paint.dim(`  and ${formatNumber(rest)} more, all in the report`)] : [];
  return [paint.bold(title), ...columns(cells, [1, 2, 3]).map((line) => `  ${line}`), ...more].join('\n');
}

function attentionBlock({ attention, manifest }: SummaryView, paint: Paint, width: number): string {
  const lanes = attention.closedLanes.map((lane) => {
    const what = `${lane.provider} takes no new work on ${lane.lane}: ${lane.reason}`;
    return `${paint.red(wrapText(what, width, '  '))}\n      mend the key or top up, then: localize ${manifest}`;
  });
  const groups = attention.groups.map((group) => groupText(group, paint, width));
  const reviews = attention.reviews.map((group) => reviewGroupText(group, paint, width));
  if (nobodyIsNeeded(attention)) return '';
  return [paint.bold('Needs a person'), ...lanes, ...groups, ...reviews].join('\n');
}

function nextRunBlock({ attention: { forNextRun } }: SummaryView, paint: Paint, width: number): string {
  if (forNextRun.length === 0) return '';
  return [paint.bold(FOR_NEXT_RUN), ...forNextRun.map((group) => groupText(group, paint, width))].join('\n');
}

function reviewGroupText({ title, items }: ReviewGroup, paint: Paint, width: number): string {
  const shown = items.slice(0, ITEMS_SHOWN).map(({ key, detail, command }) => {
    const why = detail === null ? [] : [paint.dim(wrapText(detail, width, '      '))];
    return [`    ${key}`, ...why, `      ${command}`].join('\n');
  });
  const rest = items.length - shown.length;
  if (rest > 0) shown.push(paint.dim(`    and ${formatCount(rest, 'more job')}, all in the report`));
  return [paint.yellow(wrapText(title, width, '  ')), ...shown].join('\n');
}

function changedBlock({ changed }: SummaryView, paint: Paint, width: number): string {
  if (changed === null) return '';
  const { text, offer, command } = changed;
  return [
    paint.bold('Differs from the manifest'),
    wrapText(`${text}. This ${offer}:`, width, '  '),
    `    ${command}`,
  ].join('\n');
}

function reviewsBlock({ reviews, redos }: SummaryView, paint: Paint, width: number): string {
  if (reviews === null) return '';
  const redo = redos === null ? [] : [wrapText(`${redos.text}:`, width, '  '), `    ${redos.command}`];
  return [paint.bold('Reviews'), wrapText(reviews, width, '  '), ...redo].join('\n');
}

function groupText(group: AttentionGroup, paint: Paint, width: number): string {
  const count = formatCount(group.items.length, 'job');
  const head = wrapText(`${count} ${group.state}: ${group.title}${stakesText(group)}`, width, '  ');
  const items = group.items.slice(0, ITEMS_SHOWN).map((item) => {
    const detail = item.detail === null ? [] : [paint.dim(wrapText(item.detail, width, '      '))];
    const command = item.command === null || group.command !== null ? [] : commandLines(item.command, '      ');
    // Of one job alone the head says it.
    const stakes = group.items.length > 1 ? stakesText(item) : '';
    return [`    ${item.key}${stakes}`, ...detail, ...command].join('\n');
  });
  const rest = group.items.length - items.length;
  if (rest > 0) items.push(paint.dim(`    and ${formatCount(rest, 'more job')}, all in the report`));
  // A command is never wrapped: it is there to be copied.
  if (group.command !== null) items.push(...commandLines(group.command, '    '));
  if (group.together !== null) {
    items.push(paint.dim(`    ${group.together.title}:`), ...commandLines(group.together.command, '      '));
  }
  return [group.state === 'failed' ? paint.red(head) : paint.yellow(head), ...items].join('\n');
}

/** Each way to mend it on a line of its own, whole. */
function commandLines(text: string, indent: string): string[] {
  return mendWays(text).map(({ before, command }) => `${indent}${before === null ? '' : `${before} `}${command}`);
}

function stakesText(of: AttentionGroup | AttentionItem): string {
  const words = stakeWords(of);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function leftBlock({ left }: SummaryView, paint: Paint, width: number): string {
  if (left === null) return '';
  return `${paint.yellow(wrapText(`${left.text}. To go on:`, width, ''))}\n    ${left.command}`;
}

function warningsBlock(view: SummaryView, paint: Paint, width: number): string {
  if (view.warnings.length === 0) return '';
  return [paint.bold('Warnings'), ...view.warnings.map((warning) => wrapText(warning, width, '  '))].join('\n');
}

function filesBlock(view: SummaryView, width: number): string {
  if (view.outputFolder === null) return '';
  return wrapText(`Files: ${plainText(view.outputFolder, 1000)}`, width, '');
}
