import { plainText } from '@localize/core';
import type { CostGroups, CostRow } from './cost-groups.js';
import { formatMoney, formatNumber } from './format.js';
import { billedText, estimatedText, perMinuteText } from './money-lines.js';

/** One way to split the money, ready to be laid out. */
export interface CostTable {
  readonly id: string;
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

/** All the cost tables in the order of the report. */
export function costTables(groups: CostGroups): CostTable[] {
  return [
    costTable('route', 'Route', groups.route),
    costTable('provider', 'Provider', groups.provider),
    costTable('language', 'Language', groups.language),
    costTable('video', 'Video', groups.video),
    ...Object.entries(groups.labels).map(([key, rows]) =>
      costTable(`label-${key}`, `Label ${plainText(key, 40)}`, rows),
    ),
    costTable('day', 'Day (UTC)', groups.day),
  ];
}

function costTable(id: string, name: string, rows: readonly CostRow[]): CostTable {
  const longest = rows.reduce((most, row) => Math.max(most, row.money.billedMicros), 0);
  const cheapest = rows.reduce((least, row) => Math.min(least, exactRate(row)), Number.POSITIVE_INFINITY);
  return { id, name, rows: rows.map((row) => tableRow(row, id, longest, cheapest)) };
}

function tableRow(row: CostRow, table: string, longest: number, cheapest: number): CostTableRow {
  const { money } = row;
  const wasted = money.chargedButFailedMicros + money.lostMicros;
  const scale = Math.max(1, longest);
  return {
    name: plainText(row.name),
    done: `${formatNumber(row.finishedJobs)} of ${formatNumber(row.jobs)}`,
    billed: billedText(money),
    // A day has no estimate of its own.
    estimated: table === 'day' ? '–' : estimatedText(money),
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
