import type { StreamedSnapshot } from '@localize/core';
import { FOR_NEXT_RUN, nobodyIsNeeded } from '../view-model/attention.js';
import type { CostRow } from '../view-model/cost-groups.js';
import { formatCount, formatNumber, formatTime, zoneWords } from '../view-model/format.js';
import { mendWays } from '../view-model/mend-command.js';
import { billedText, estimatedText, moneyLines, perMinuteText } from '../view-model/money-lines.js';
import { buildReportView, type SummaryView } from '../view-model/report-view.js';
import type { ReviewGroup } from '../view-model/review-troubles.js';
import { stakeWords } from '../view-model/stakes.js';
import { stateCounts } from '../view-model/state-counts.js';
import type { AttentionGroup } from '../view-model/stopped-jobs.js';
import { markdownCellCode, markdownCode, markdownTable, markdownText } from './markdown.js';

/** A pull request shows so many jobs of one reason; the others are counted. */
const ITEMS_SHOWN = 10;
/** And so many values of one label, the most expensive ones. */
const LABEL_VALUES_SHOWN = 20;

/** A summary for a pull request or a chat message: totals, money, what needs a person and the command that mends it. */
export function renderMarkdown(snapshot: StreamedSnapshot): string {
  return renderMarkdownView(buildReportView(snapshot));
}

/** The same of a view that was made before. */
export function renderMarkdownView(view: SummaryView): string {
  const blocks = [
    `## ${markdownText(view.batch)}: ${view.verdict.text}`,
    ...(view.emulated ? ['> **Simulated prices.** This batch ran on the emulator; nothing was bought.'] : []),
    ...(view.selection === null ? [] : [`Only the jobs of ${markdownCode(view.selection)}.`]),
    totalsTable(view),
    ...(view.lastRun === null ? [] : [`${markdownText(view.lastRun.text)}.`]),
    ...attentionBlocks(view),
    ...changedBlock(view),
    ...leftBlock(view),
    ...nextRunBlocks(view),
    ...reviewBlocks(view),
    '### Cost',
    moneyTable(view),
    ...budgetBlock(view),
    ...costBlock('Route', view.groups.route),
    ...Object.entries(view.groups.labels).flatMap(([key, rows]) => labelBlocks(key, rows)),
    ...warningsBlock(view.warnings),
    `<sub>Manifest ${markdownCode(view.manifest)}, as of ${formatTime(view.takenAtMs, view.timeZone)}. ${zoneWords(view.timeZone, markdownText)}.</sub>`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function totalsTable(view: SummaryView): string {
  const counts = stateCounts(view);
  return markdownTable(
    ['Jobs', ...counts.map(({ name }) => name)],
    [
      [
        formatNumber(view.totals.jobs),
        ...counts.map(({ count, note }) => `${formatNumber(count)}${note === null ? '' : ` (${note})`}`),
      ],
    ],
    counts.map((_, index) => index + 1).concat(0),
  );
}

function moneyTable(view: SummaryView): string {
  const lines = moneyLines(view).map((line) => [line.name, line.amount, line.note ?? '']);
  return markdownTable(['', 'USD', ''], lines, [1]);
}

function budgetBlock({ budget }: SummaryView): string[] {
  if (budget.length === 0) return [];
  const rows = budget.map(({ name, spent, cap, left, waiting }) => [
    markdownCellCode(name),
    cap,
    spent,
    left,
    markdownText(waiting ?? ''),
  ]);
  return [markdownTable(['Budget', 'Cap', 'Spent', 'Left', ''], rows, [1, 2, 3])];
}

function attentionBlocks({ attention, manifest }: SummaryView): string[] {
  const { groups, closedLanes, reviews } = attention;
  if (nobodyIsNeeded(attention)) return [];
  return [
    '### Needs a person',
    ...closedLanes.map(
      (lane) =>
        `**${markdownText(lane.provider)} takes no new work** on ${markdownCode(lane.lane)}: ${markdownText(lane.reason)}. ` +
        `Mend the key or top up, then: ${markdownCode(`localize ${manifest}`)}`,
    ),
    ...groups.map(attentionBlock),
    ...reviews.flatMap(reviewGroupBlocks),
  ];
}

function nextRunBlocks({ attention: { forNextRun } }: SummaryView): string[] {
  return forNextRun.length === 0 ? [] : [`### ${FOR_NEXT_RUN}`, ...forNextRun.map(attentionBlock)];
}

function reviewGroupBlocks({ title, items }: ReviewGroup): string[] {
  const shown = items
    .slice(0, ITEMS_SHOWN)
    .map(({ key, detail, command }) => `- ${markdownCode(key)}${detailText(detail)}\n  ${markdownCode(command, 2000)}`);
  const rest = items.length - shown.length;
  if (rest > 0) shown.push(`- and ${formatCount(rest, 'more job')}`);
  return [`**${title}**`, shown.join('\n')];
}

function changedBlock({ changed }: SummaryView): string[] {
  if (changed === null) return [];
  return [`${markdownText(changed.text)}. ${markdownCode(changed.command, 2000)} ${changed.offer}.`];
}

function leftBlock({ left }: SummaryView): string[] {
  return left === null ? [] : [`${left.text}. To go on: ${markdownCode(left.command, 2000)}`];
}

function reviewBlocks({ reviews, redos }: SummaryView): string[] {
  if (reviews === null) return [];
  return [`${reviews}.`, ...(redos === null ? [] : [`${redos.text}: ${markdownCode(redos.command)}`])];
}

/** One command, or all of which any mends it, each on a line of its own. */
function mendCode(text: string, indent: string): string {
  const ways = mendWays(text).map(
    ({ before, command }) => `${before === null ? '' : `${markdownText(before)} `}${markdownCode(command, 2000)}`,
  );
  return ways.length === 1 ? `${indent}${ways[0]}` : ways.map((way) => `${indent}- ${way}`).join('\n');
}

function attentionBlock(group: AttentionGroup): string {
  const shown = group.items.slice(0, ITEMS_SHOWN).map((item) => {
    const detail = detailText(item.detail);
    const command = item.command === null || group.command !== null ? '' : `\n${mendCode(item.command, '  ')}`;
    // Of one job alone the head says it.
    const stake = group.items.length > 1 ? stakeWords(item) : [];
    const money = stake.length > 0 ? ` (${stake.join(', ')})` : '';
    return `- ${markdownCode(item.key)}${detail}${money}${command}`;
  });
  const rest = group.items.length - shown.length;
  if (rest > 0) shown.push(`- and ${formatCount(rest, 'more job')}`);
  const head = `**${formatCount(group.items.length, 'job')} ${group.state}: ${markdownText(group.title)}**${attentionMoney(group)}`;
  const together =
    group.together === null ? [] : [`${group.together.title}: ${markdownCode(group.together.command, 10_000)}`];
  const command = group.command === null ? together : [mendCode(group.command, '')];
  return [head, shown.join('\n'), ...command].join('\n\n');
}

function detailText(detail: string | null): string {
  return detail === null ? '' : `: ${markdownText(detail)}`;
}

function attentionMoney(group: AttentionGroup): string {
  const parts = stakeWords(group);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function labelBlocks(key: string, rows: readonly CostRow[]): string[] {
  const rest = rows.length - LABEL_VALUES_SHOWN;
  const more = rest > 0 ? [`and ${formatCount(rest, 'more value')}, all in the report`] : [];
  return [...costBlock(`Label ${markdownCellCode(key)}`, rows.slice(0, LABEL_VALUES_SHOWN)), ...more];
}

function costBlock(title: string, rows: readonly CostRow[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => [
    markdownCellCode(row.name),
    `${formatNumber(row.finishedJobs)} of ${formatNumber(row.jobs)}`,
    billedText(row.money),
    estimatedText(row.money),
    perMinuteText(row.perFinishedMinute),
  ]);
  return [markdownTable([title, 'Done', 'Billed', 'Estimated', 'A finished minute'], cells, [1, 2, 3, 4])];
}

function warningsBlock(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  return ['### Warnings', warnings.map((warning) => `- ${markdownText(warning)}`).join('\n')];
}
