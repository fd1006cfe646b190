import {
  type AttemptSnapshot,
  HOLD_REASONS,
  type JobSnapshot,
  type Micros,
  plainText,
  type ReviewState,
  type Snapshot,
} from '@localize/core';
import { attemptMoney } from './attempt-money.js';
import { type Check, lengthCheck } from './checks.js';
import { FAILURE_WORDS } from './failure-words.js';
import { formatDuration, formatMoney, formatTime } from './format.js';
import { mediaUrl } from './media-url.js';
import { type MoneyFigures, moneyFigures } from './money-figures.js';
import { billedText } from './money-lines.js';
import { describeReview } from './review-words.js';
import { type StateGroup, stateGroup, stateName } from './state-counts.js';

/** One job as the page shows it. Every text in it is plain. */
export interface JobRow {
  readonly index: number;
  readonly key: string;
  /** The key as the manifest has it: for files that a program reads. */
  readonly rawKey: string;
  readonly video: string;
  readonly language: string;
  readonly state: StateGroup;
  readonly stateName: string;
  readonly route: string;
  readonly attempts: number;
  /** For sorting: unknown sorts last. */
  readonly billedMicros: Micros | null;
  readonly billed: string;
  readonly estimated: string;
  readonly lengthMs: number | null;
  readonly length: string;
  readonly check: Check;
  readonly reason: string | null;
  readonly command: string | null;
  readonly labels: string;
  readonly outputUrl: string | null;
  readonly output: string | null;
  readonly sourceUrl: string | null;
  readonly source: string;
  readonly sha256: string | null;
  /** What the imported marks come to. */
  readonly review: ReviewState | null;
  readonly reviewText: string;
  /** Each imported mark in words. */
  readonly remarks: readonly string[];
  /** What the filter looks in: lower case. */
  readonly searchText: string;
}

/** All jobs in manifest order. */
export function jobRows(snapshot: Snapshot, mediaBase: string): JobRow[] {
  return snapshot.jobs.map((job, index) => jobRow(job, index, mediaBase));
}

function jobRow(job: JobSnapshot, index: number, mediaBase: string): JobRow {
  const row = describeJob(job, index, mediaBase);
  const searched = [
    row.key,
    row.language,
    row.stateName,
    row.route,
    row.labels,
    row.reason ?? '',
    row.output ?? '',
    row.reviewText,
  ];
  return { ...row, searchText: searched.join(' ').toLowerCase() };
}

function describeJob(job: JobSnapshot, index: number, mediaBase: string): Omit<JobRow, 'searchText'> {
  const money = moneyFigures([job]);
  const state = stateGroup(job);
  return {
    index,
    key: plainText(job.key),
    rawKey: job.key,
    video: plainText(job.videoId),
    language: plainText(job.language),
    state,
    stateName: stateName(state),
    route: plainText(job.route ?? '–'),
    attempts: job.attempts.length,
    billedMicros: knownBill(money),
    billed: jobMoneyText(money),
    estimated: formatMoney(job.estimateMicros),
    lengthMs: job.outputDurationMs,
    length: job.outputDurationMs === null ? '–' : formatDuration(job.outputDurationMs),
    check: lengthCheck(job),
    reason: jobReason(job),
    command: job.mend === null ? null : plainText(job.mend, Number.POSITIVE_INFINITY),
    labels: Object.entries(job.labels)
      .map(([name, value]) => plainText(`${name}: ${value}`))
      .join(', '),
    outputUrl: job.output === null ? null : mediaUrl(job.output, mediaBase),
    output: job.output === null ? null : plainText(job.output),
    sourceUrl: mediaUrl(job.source, mediaBase),
    source: plainText(job.source),
    sha256: job.outputSha256,
    ...describeReview(job),
  };
}

/** What the job cost; what it may have cost takes the place of a bill that nobody has sent yet. */
function jobMoneyText(money: MoneyFigures): string {
  if (money.attempts === 0) return '–';
  if (money.billedMicros > 0 || money.unpricedAttempts > 0) return billedText(money);
  if (money.atRiskAttempts > 0) return `${formatMoney(money.atRiskMicros)} at risk`;
  return money.inFlightMicros > 0 ? `${formatMoney(money.inFlightMicros)} in flight` : billedText(money);
}

function knownBill(money: MoneyFigures): Micros | null {
  return money.unpricedAttempts > 0 && money.billedMicros === 0 ? null : money.billedMicros;
}

function jobReason(job: JobSnapshot): string | null {
  if (job.reason !== null) return plainText(job.reason);
  return job.holdReason === null ? null : HOLD_REASONS[job.holdReason].words;
}

/** One attempt as the page shows it beside its job. */
export interface AttemptRow {
  readonly id: string;
  readonly route: string;
  readonly lane: string;
  readonly state: string;
  readonly money: string;
  readonly started: string;
  readonly took: string;
  readonly failure: string | null;
}

/** The attempts of one job, oldest first. */
export function attemptRows(job: JobSnapshot): AttemptRow[] {
  return job.attempts.map((attempt) => ({
    id: attempt.id,
    route: plainText(attempt.route),
    lane: plainText(attempt.lane),
    state: attempt.state,
    money: moneyText(attempt),
    started: formatTime(attempt.createdAtMs),
    took: attempt.endedAtMs === null ? '–' : formatDuration(attempt.endedAtMs - attempt.createdAtMs),
    failure: failureText(attempt),
  }));
}

function moneyText(attempt: AttemptSnapshot): string {
  const { class: kind, micros } = attemptMoney(attempt);
  if (kind === 'unpriced') return micros === null ? 'unknown' : `unknown, about ${formatMoney(micros)}`;
  if (kind === 'not-charged') return 'not charged';
  const suffix = {
    billed: '',
    'charged-but-failed': ', but failed',
    lost: ', lost',
    'in-flight': ' in flight',
    'at-risk': ' at risk',
  };
  return `${formatMoney(micros)}${suffix[kind]}`;
}

function failureText(attempt: AttemptSnapshot): string | null {
  if (attempt.failure === null) return null;
  const status = attempt.failure.httpStatus === undefined ? '' : ` (HTTP ${attempt.failure.httpStatus})`;
  return `${FAILURE_WORDS[attempt.failure.kind]}${status}: ${plainText(attempt.failure.message)}`;
}
