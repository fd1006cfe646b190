import {
  countJob,
  emptyTotals,
  type JobSnapshot,
  type JobTotals,
  type Micros,
  plainText,
  rateLimitedTotal,
  type Snapshot,
  type SnapshotFrame,
  type StreamedSnapshot,
} from '@localize/core';
import { type Attention, AttentionTally } from './attention.js';
import { type BudgetLine, budgetLines } from './budget-lines.js';
import type { ChangedVideos } from './changed-videos.js';
import { type CostGroups, CostGroupsTally, RouteAndLabelsTally } from './cost-groups.js';
import { addLength, type CostPerMinute, costPerMinute } from './cost-per-minute.js';
import { OutputFolderTally } from './files.js';
import { LabelKeysTally } from './labels.js';
import { type LastRun, LastRunTally } from './last-run.js';
import { LeftTally, type LeftVideos } from './left-videos.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';
import type { FinishedMoney } from './money-lines.js';
import { RemakesTally, type WaitingRedos } from './offered-remakes.js';
import { ReviewsTally } from './review-words.js';
import { type Tally, tallied } from './tally.js';
import { buildVerdict, type Verdict } from './verdict.js';

/** What all documents show of a batch, worked out once: they only lay it out. */
export type ReportView = View<CostGroups>;

/** The part of it that the terminal shows. Plain data, which does not grow with the number of videos. */
export type SummaryView = View<Pick<CostGroups, 'route' | 'labels'>>;

/** The page splits the money when it is asked for a way, and only then: here are the keys of the labels that are some. */
export type PageView = View<readonly string[]>;

/** @typeParam Groups the ways in which its money is split */
interface View<Groups> {
  readonly batch: string;
  readonly manifest: string;
  /** The options that chose the jobs, where they are a part of the batch; `null` where they are all. */
  readonly selection: string | null;
  readonly emulated: boolean;
  readonly takenAtMs: number;
  /** Whose days the money is split by, and the caps count. */
  readonly timeZone: string;
  readonly verdict: Verdict;
  readonly totals: JobTotals;
  readonly money: MoneyFigures;
  readonly perFinishedMinute: CostPerMinute | null;
  readonly finished: FinishedMoney;
  readonly groups: Groups;
  /** Every cap in force. */
  readonly budget: readonly BudgetLine[];
  readonly attention: Attention;
  readonly changed: ChangedVideos | null;
  readonly left: LeftVideos | null;
  /** What imported reviews come to; `null` without any. */
  readonly reviews: string | null;
  readonly redos: WaitingRedos | null;
  readonly lastRun: LastRun | null;
  /** The folder that all outputs lie in; `null` while there is none. */
  readonly outputFolder: string | null;
  readonly rateLimited: number;
  readonly warnings: readonly string[];
}

/**
 * All the arithmetic of a report. Pure: the same snapshot gives the same view.
 * @param run whose page it is
 */
export function buildReportView(snapshot: StreamedSnapshot, run: string | null = null): ReportView {
  return tallied(snapshot.jobs, reportViewTally(snapshot, run));
}

/** The same for the page. */
export function buildPageView(snapshot: Snapshot, run: string | null = null): PageView {
  return tallied(snapshot.jobs, new ViewTally(snapshot, new LabelKeysTally(), run));
}

/** @param run the run whose own page it is; `null`: the latest */
export function reportViewTally(frame: SnapshotFrame, run: string | null = null): Tally<ReportView> {
  return new ViewTally(frame, new CostGroupsTally(frame.timeZone), run);
}

/** The same with those splits of cost alone that do not grow with the number of videos. */
export function summaryViewTally(frame: SnapshotFrame): Tally<SummaryView> {
  return new ViewTally(frame, new RouteAndLabelsTally(), null);
}

class ViewTally<Groups> implements Tally<View<Groups>> {
  readonly #frame: SnapshotFrame;
  readonly #totals = emptyTotals();
  readonly #money = new MoneySum();
  readonly #finished = new MoneySum();
  #finishedMs: number | null = 0;
  #remadeMicros = 0;
  #takenVideos = 0;
  readonly #groups: Tally<Groups>;
  readonly #attention: AttentionTally;
  readonly #remakes: RemakesTally;
  readonly #left: LeftTally;
  readonly #reviews = new ReviewsTally();
  readonly #lastRun: LastRunTally;
  readonly #outputFolder = new OutputFolderTally();
  #rateLimited = 0;

  constructor(frame: SnapshotFrame, groups: Tally<Groups>, run: string | null) {
    this.#frame = frame;
    this.#groups = groups;
    this.#attention = new AttentionTally(frame);
    this.#remakes = new RemakesTally(frame);
    this.#left = new LeftTally(frame);
    this.#lastRun = new LastRunTally(frame, run);
  }

  add(job: JobSnapshot): void {
    countJob(this.#totals, job);
    this.#money.add(job);
    this.#rateLimited += rateLimitedTotal([job]);
    if (job.state === 'succeeded') this.#addFinished(job);
    const parts = [this.#groups, this.#attention, this.#remakes, this.#reviews, this.#lastRun];
    for (const part of [...parts, this.#left, this.#outputFolder]) part.add(job);
  }

  #addFinished(job: JobSnapshot): void {
    if (!job.orphaned) {
      this.#finished.add(job);
      this.#remadeMicros += remadeMicros(job);
    }
    if (job.takenFrom) this.#takenVideos += 1;
    this.#finishedMs = addLength(this.#finishedMs, job);
  }

  result(): View<Groups> {
    const frame = this.#frame;
    const totals = this.#totals;
    const money = this.#money.result();
    const attention = this.#attention.result();
    const { changed, redos } = this.#remakes.result();
    return {
      batch: plainText(frame.batch),
      manifest: plainText(frame.manifest),
      selection: frame.selection === undefined ? null : plainText(frame.selection),
      emulated: frame.emulated,
      takenAtMs: frame.takenAtMs,
      timeZone: frame.timeZone,
      verdict: buildVerdict(totals, attention, changed),
      totals,
      money,
      perFinishedMinute: costPerMinute(money, this.#finishedMs),
      finished: {
        ...estimatedAndOver(this.#finished.result()),
        remadeMicros: this.#remadeMicros,
        takenVideos: this.#takenVideos,
      },
      groups: this.#groups.result(),
      budget: budgetLines(frame),
      reviews: this.#reviews.result(),
      redos,
      lastRun: this.#lastRun.result(),
      attention,
      changed,
      left: this.#left.result(),
      outputFolder: this.#outputFolder.result(),
      rateLimited: this.#rateLimited,
      warnings: frame.warnings.map((warning) => plainText(warning)),
    };
  }
}

/** What its videos after the first one cost. */
function remadeMicros({ attempts }: JobSnapshot): Micros {
  const [, ...again] = attempts.filter(({ state }) => state === 'completed');
  return again.reduce((sum, { billedMicros }) => sum + (billedMicros ?? 0), 0);
}

function estimatedAndOver(money: MoneyFigures): Pick<FinishedMoney, 'estimatedMicros' | 'overMicros'> {
  const { estimatedMicros, billedMicros } = money;
  const unknown = money.jobsWithoutEstimate + money.unpricedAttempts + money.atRiskAttempts;
  const isUnknown = unknown > 0 || money.attempts === 0;
  return { estimatedMicros, overMicros: isUnknown ? null : billedMicros - estimatedMicros };
}
