import { plainText } from '@localize/core';
import type { CostRow, CostSplit } from './cost-groups.js';
import { formatMoney, formatNumber, zoneName } from './format.js';
import { billedText, estimatedText, perMinuteText } from './money-lines.js';

/** A way to split the money that a person can choose. */
export interface CostChoice {
  readonly id: string;
  readonly name: string;
  /** Heads its table where no choice is above it: `By route`. */
  readonly title: string;
  readonly split: CostSplit;
}

/** The money split one way, ready to be laid out. */
export interface CostTable {
  readonly name: string;
  readonly rows: readonly CostTableRow[];
}

export interface CostTableRow {
  readonly name: string;
  readonly done: string;
  readonly billed: string;
  readonly estimated: string;
  readonly perMinute: string;
  /** `cheapest`, or `1.39×` of the cheapest line of this table; empty where it can't be compared. */
  readonly compared: string;
  readonly atRisk: string;
  /** Length of the bar, from 0 to 1 of the longest. */
  readonly billedShare: number;
  /** Charged for nothing: the part of the bar that failed or was lost, from 0 to 1 of the longest. */
  readonly wastedShare: number;
}

export const BY_ROUTE_CHOICE: CostChoice = { id: 'route', name: 'Route', title: 'By route', split: 'route' };

/** All the ways, in the order of the report. @param timeZone whose days they are split by */
export function costChoices(labels: readonly string[], timeZone: string): CostChoice[] {
  const zone = zoneName(timeZone);
  return [
    BY_ROUTE_CHOICE,
    { id: 'provider', name: 'Provider', title: 'By provider', split: 'provider' },
    { id: 'language', name: 'Language', title: 'By language', split: 'language' },
    { id: 'video', name: 'Video', title: 'By video', split: 'video' },
    ...labels.map((label) => {
      const key = plainText(label, 40);
      return { id: `label-${label}`, name: `Label ${key}`, title: `By label ${key}`, split: { label } };
    }),
    { id: 'day', name: `Day (${zone})`, title: `By day (${zone})`, split: { daysIn: timeZone } },
  ];
}

/** @param rows of that split */
export function costTable({ name, split }: CostChoice, rows: readonly CostRow[]): CostTable {
  const longest = rows.reduce((most, row) => Math.max(most, row.money.billedMicros), 0);
  const cheapest = rows.reduce((least, row) => Math.min(least, exactRate(row)), Number.POSITIVE_INFINITY);
  const shown = rows.map((row) => tableRow(row, split, longest, cheapest));
  // The first lines are those that are asked for: the most expensive, and the latest.
  return { name, rows: isByDay(split) ? shown.reverse() : shown };
}

function isByDay(split: CostSplit): boolean {
  return typeof split === 'object' && 'daysIn' in split;
}

function tableRow(row: CostRow, split: CostSplit, longest: number, cheapest: number): CostTableRow {
  const { money } = row;
  const wasted = money.chargedButFailedMicros + money.lostMicros;
  const scale = Math.max(1, longest);
  return {
    name: plainText(row.name),
    // What was bought there is of jobs that are elsewhere by now, or gone.
    done: row.jobs === 0 ? '–' : `${formatNumber(row.finishedJobs)} of ${formatNumber(row.jobs)}`,
    billed: billedText(money),
    // A day has no estimate of its own.
    estimated: isByDay(split) ? '–' : estimatedText(money),
    perMinute: perMinuteText(row.perFinishedMinute),
    compared: comparedText(exactRate(row), cheapest),
    atRisk: money.atRiskAttempts === 0 ? '–' : formatMoney(money.atRiskMicros),
    billedShare: money.billedMicros / scale,
    wastedShare: wasted / scale,
  };
}

/** A figure that is only a lower bound is not compared. */
function exactRate(row: CostRow): number {
  const cost = row.perFinishedMinute;
  return cost === null || cost.atLeast || cost.micros === 0 ? Number.POSITIVE_INFINITY : cost.micros;
}

function comparedText(rate: number, cheapest: number): string {
  if (!Number.isFinite(rate) || !Number.isFinite(cheapest)) return '';
  const times = rate / cheapest;
  if (times === 1) return 'cheapest';
  return `${times.toFixed(2)}×`;
}
