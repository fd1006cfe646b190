import {
  type EarlierVideo,
  HOLD_REASONS,
  type JobSnapshot,
  type Micros,
  plainText,
  type Snapshot,
} from '@localize/core';
import { checkFlags, earlierWords } from './checks.js';
import { formatMoney, formatTimeFigure } from './format.js';
import { mediaUrl } from './media-url.js';
import { type MoneyFigures, moneyFigures } from './money-figures.js';
import { billedText } from './money-lines.js';
import { describeReview, type ReviewWords } from './review-words.js';
import { type StateGroup, stateGroup, stateName } from './state-counts.js';
import { withoutEnd } from './without-end.js';

/** One job as the page shows it. Every text in it is plain. */
export interface JobRow extends ReviewWords {
  readonly index: number;
  readonly key: string;
  /** The key as the manifest has it: for files that a program reads. */
  readonly rawKey: string;
  readonly video: string;
  readonly language: string;
  readonly state: StateGroup;
  readonly stateName: string;
  /** How its state looks: one that somebody replaced or deleted on disk is not shown as done. */
  readonly look: StateGroup;
  /** Another file lies in the place of its finished video. */
  readonly isReplaced: boolean;
  readonly route: string;
  /** Others that its settings allow: a redo may name one of them. On its own route it takes a new seed. */
  readonly redoRoutes: readonly string[];
  readonly attempts: number;
  /** For sorting: unknown sorts last. */
  readonly billedMicros: Micros | null;
  readonly billed: string;
  readonly estimated: string;
  readonly lengthMs: number | null;
  readonly length: string;
  /** What is wrong with its output, by measure. */
  readonly faults: readonly string[];
  /** What is worth knowing of it. */
  readonly notes: readonly string[];
  readonly reason: string | null;
  readonly command: string | null;
  readonly labels: string;
  readonly outputUrl: string | null;
  readonly output: string | null;
  /** The finished video that another was bought in the place of, which is not there, and which plays; `null` without one. */
  readonly earlier: {
    readonly url: string | null;
    readonly path: string;
    readonly words: string;
    readonly length: string;
  } | null;
  /** Why there is no video to play; `null` where there is one. */
  readonly absence: string | null;
  readonly sourceUrl: string | null;
  readonly source: string;
  readonly sha256: string | null;
}

/** All jobs in manifest order. */
export function jobRows(snapshot: Snapshot, mediaBase: string): JobRow[] {
  return snapshot.jobs.map((job, index) => jobRow(job, index, { mediaBase, timeZone: snapshot.timeZone }));
}

function jobRow(
  job: JobSnapshot,
  index: number,
  { mediaBase, timeZone }: { readonly mediaBase: string; readonly timeZone: string },
): JobRow {
  const money = moneyFigures([job]);
  const state = stateGroup(job);
  const isReplaced = job.replaced === true && state === 'succeeded';
  const billed = jobMoneyText(money);
  const reason = jobReason(job, billed);
  return {
    index,
    key: plainText(job.key),
    rawKey: job.key,
    video: plainText(job.videoId),
    language: plainText(job.language),
    state,
    stateName: isReplaced ? 'Replaced on disk' : job.missing ? 'Not on disk' : stateName(state),
    look: isReplaced || job.missing ? 'held' : state,
    isReplaced,
    route: plainText(job.route ?? '–'),
    redoRoutes: redoRoutes(job),
    attempts: job.attempts.length,
    billedMicros: knownBill(money),
    billed,
    estimated: formatMoney(job.estimateMicros),
    lengthMs: job.outputDurationMs,
    length: job.outputDurationMs === null ? '–' : formatTimeFigure(job.outputDurationMs),
    ...checkFlags(job),
    reason,
    command: job.mend === null ? null : plainText(job.mend, Number.POSITIVE_INFINITY),
    labels: labelText(job.labels),
    outputUrl: job.output === null ? null : mediaUrl(job.output, mediaBase),
    output: job.output === null ? null : plainText(job.output),
    earlier: job.earlierVideo ? earlierOf(job.earlierVideo, mediaBase) : null,
    absence: absenceOf(job, state, reason),
    sourceUrl: mediaUrl(job.source, mediaBase),
    source: plainText(job.source),
    sha256: job.outputSha256,
    ...describeReview(job, timeZone),
  };
}

function redoRoutes({ route, alternatives = [], otherRoutes = [] }: JobSnapshot): readonly string[] {
  if (alternatives.length + otherRoutes.length === 0) return NO_ROUTES;
  const all = new Set([...alternatives.map((other) => other.route), ...otherRoutes]);
  return [...all].filter((other) => other !== route).sort();
}

const NO_ROUTES: readonly string[] = [];
const NO_LABELS = '';

function labelText(labels: JobSnapshot['labels']): string {
  const entries = Object.entries(labels);
  return entries.length === 0 ? NO_LABELS : entries.map(([name, value]) => plainText(`${name}: ${value}`)).join(', ');
}

/** What the job cost; what it may have cost takes the place of a bill that nobody has sent yet. */
function jobMoneyText(money: MoneyFigures): string {
  if (money.attempts === 0) return '–';
  if (money.billedMicros > 0 || money.unpricedAttempts > 0) return billedText(money);
  if (money.atRiskAttempts > 0) return `${formatMoney(money.atRiskMicros)} at risk`;
  return money.inFlightMicros > 0 ? `${formatMoney(money.inFlightMicros)} in flight` : billedText(money);
}

function earlierOf(video: EarlierVideo, mediaBase: string): JobRow['earlier'] {
  const { output, durationMs } = video;
  const length = formatTimeFigure(durationMs);
  return { url: mediaUrl(output, mediaBase), path: plainText(output), words: earlierWords(video), length };
}

function absenceOf(job: JobSnapshot, state: StateGroup, reason: string | null): string | null {
  if (job.output !== null || job.earlierVideo) return null;
  if (reason !== null) return `${state === 'pending' ? 'No video yet' : 'No video'}: ${reason.replace(/\.$/, '')}.`;
  if (state === 'running') return 'No video yet: it is being made.';
  return state === 'canceled' ? 'No video: it was canceled.' : 'There is no video yet.';
}

function knownBill(money: MoneyFigures): Micros | null {
  return money.unpricedAttempts > 0 && money.billedMicros === 0 ? null : money.billedMicros;
}

/** @param billed what is said of its money beside it, and not twice */
function jobReason(job: JobSnapshot, billed: string): string | null {
  if (job.reason !== null) return withoutEnd(plainText(job.reason), ` (${billed})`);
  const what = job.state === 'succeeded' ? 'making it again ' : '';
  if (job.waitsForMoney)
    return `${what}waits for money: ${job.waitsForMoney.caps.map((cap) => plainText(cap)).join(', ')}`;
  return job.holdReason === null ? null : HOLD_REASONS[job.holdReason].words;
}
