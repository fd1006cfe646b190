import { type JobTotals, jobTotals, plainText, rateLimitedTotal, type Snapshot } from '@localize/core';
import { type Attention, buildAttention } from './attention.js';
import { type BudgetLine, budgetLines } from './budget-lines.js';
import { type CostGroups, costGroups } from './cost-groups.js';
import { type CostPerMinute, costPerMinute } from './cost-per-minute.js';
import { outputFolder } from './files.js';
import { type MoneyFigures, moneyFigures } from './money-figures.js';
import type { FinishedMoney } from './money-lines.js';
import { type WaitingRedos, waitingRedos } from './review-words.js';
import { type LastRun, lastRun } from './run-rows.js';
import { buildVerdict, type Verdict } from './verdict.js';

/** What all documents show of a batch, worked out once: they only lay it out. */
export interface ReportView {
  readonly batch: string;
  readonly manifest: string;
  readonly emulated: boolean;
  readonly takenAtMs: number;
  readonly verdict: Verdict;
  readonly totals: JobTotals;
  readonly money: MoneyFigures;
  readonly perFinishedMinute: CostPerMinute | null;
  readonly finished: FinishedMoney;
  readonly groups: CostGroups;
  /** Every cap in force. */
  readonly budget: readonly BudgetLine[];
  readonly attention: Attention;
  readonly redos: WaitingRedos | null;
  readonly lastRun: LastRun | null;
  /** The folder that all outputs lie in; `null` while there is none. */
  readonly outputFolder: string | null;
  readonly rateLimited: number;
  readonly warnings: readonly string[];
}

/** All the arithmetic of a report. Pure: the same snapshot gives the same view. */
export function buildReportView(snapshot: Snapshot): ReportView {
  const totals = jobTotals(snapshot.jobs);
  const money = moneyFigures(snapshot.jobs);
  const finished = snapshot.jobs.filter((job) => job.state === 'succeeded');
  const attention = buildAttention(snapshot);
  return {
    batch: plainText(snapshot.batch),
    manifest: plainText(snapshot.manifest),
    emulated: snapshot.emulated,
    takenAtMs: snapshot.takenAtMs,
    verdict: buildVerdict(totals, attention),
    totals,
    money,
    perFinishedMinute: costPerMinute(money, finished),
    finished: finishedMoney(moneyFigures(finished.filter((job) => !job.orphaned))),
    groups: costGroups(snapshot.jobs),
    budget: budgetLines(snapshot),
    redos: waitingRedos(snapshot.jobs, snapshot.manifest),
    lastRun: lastRun(snapshot),
    attention,
    outputFolder: outputFolder(snapshot.jobs),
    rateLimited: rateLimitedTotal(snapshot.jobs),
    warnings: snapshot.warnings.map((warning) => plainText(warning)),
  };
}

function finishedMoney(money: MoneyFigures): FinishedMoney {
  const { estimatedMicros, billedMicros } = money;
  const unknown = money.jobsWithoutEstimate + money.unpricedAttempts + money.atRiskAttempts;
  const isUnknown = unknown > 0 || money.attempts === 0;
  return { estimatedMicros, overMicros: isUnknown ? null : billedMicros - estimatedMicros };
}
