import { type AttemptSnapshot, type JobSnapshot, plainText } from '@localize/core';
import { attemptMoney } from './attempt-money.js';
import { phaseTimes } from './attempt-times.js';
import { attemptFailureWords } from './failure-words.js';
import { formatDuration, formatMoney, formatTime, formatTimeFigure } from './format.js';

/** One attempt as the page shows it beside its job. */
export interface AttemptRow {
  readonly id: string;
  readonly route: string;
  readonly lane: string;
  readonly state: string;
  readonly money: string;
  readonly started: string;
  readonly took: string;
  /** `upload 2 s, place 4 s, queue 10 s, work 50 s, download 1 s`; empty where nothing was recorded. */
  readonly phases: string;
  /** Without the provider's own words where the reason of the job says them already. */
  readonly failure: string | null;
}

/** Shorter phases say nothing. */
const SHORTEST_SHOWN_MS = 100;

/** The attempts of one job, oldest first. @param timeZone whose clocks say when */
export function attemptRows(job: JobSnapshot, timeZone: string): AttemptRow[] {
  return job.attempts.map((attempt) => ({
    id: attempt.id,
    route: plainText(attempt.route),
    lane: plainText(attempt.lane),
    state: attempt.state,
    money: moneyText(attempt),
    started: formatTime(attempt.createdAtMs, timeZone),
    took: tookText(attempt),
    phases: phaseTimes(attempt)
      .filter(({ fromMs, toMs }) => toMs - fromMs >= SHORTEST_SHOWN_MS)
      .map(({ phase, fromMs, toMs }) => `${phase} ${formatDuration(toMs - fromMs)}`)
      .join(', '),
    failure: failureText(attempt, job.reason),
  }));
}

function tookText({ adopted, createdAtMs, endedAtMs }: AttemptSnapshot): string {
  return adopted || endedAtMs === null ? '–' : formatTimeFigure(endedAtMs - createdAtMs);
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

function failureText(attempt: AttemptSnapshot, reason: string | null): string | null {
  const { failure } = attempt;
  if (failure === null) return null;
  const status = failure.httpStatus === undefined ? '' : ` (HTTP ${failure.httpStatus})`;
  const words = `${attemptFailureWords(attempt, failure.kind)}${status}`;
  return reason?.includes(failure.message) ? words : `${words}: ${plainText(failure.message)}`;
}
