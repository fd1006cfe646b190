import {
  type AttemptSnapshot,
  calendarDay,
  type JobSnapshot,
  type SnapshotFrame,
  type StreamedSnapshot,
} from '@localize/core';
import { documentText, type ReportDocument } from '../document.js';
import { type Survey, surveySnapshot } from '../survey.js';
import { attemptMoney } from '../view-model/attempt-money.js';
import { labelOf } from '../view-model/labels.js';
import { timeCell, usdCell } from './cells.js';
import { type CsvValue, csvLine } from './csv.js';

/** In the order in which they are written. */
export const ATTEMPT_COLUMNS = [
  'batch',
  'key',
  'attempt',
  'number',
  'run',
  'route',
  'provider',
  'lane',
  'state',
  'prediction_id',
  'money',
  'estimated_usd',
  'quoted_usd',
  'billed_usd',
  'cost_source',
  'prices',
  'staging_at',
  'staged_at',
  'created_at',
  'sent_at',
  'accepted_at',
  'running_at',
  'ended_at',
  'download_at',
  'downloaded_at',
  'failure_kind',
  'failure_code',
  'http_status',
  'failure',
  'day',
] as const;

/** One row an attempt, in the order in which each job made them, one column more for each label key: `label_<key>`. */
export function csvAttemptsDocument({ snapshot, labels }: Survey): ReportDocument {
  return {
    head: [csvLine([...ATTEMPT_COLUMNS, ...labels.map((label) => `label_${label}`)])],
    job: (job) => {
      const own = labels.map((label) => labelOf(job, label));
      return job.attempts
        .map((attempt, index) => csvLine([...attemptCells(snapshot, job, attempt, index), ...own]))
        .join('');
    },
    tail: '',
  };
}

/** {@link csvAttemptsDocument} as one text. */
export function renderCsvAttempts(given: StreamedSnapshot): string {
  const survey = surveySnapshot(given);
  return documentText(csvAttemptsDocument(survey), survey.snapshot.jobs);
}

function attemptCells(snapshot: SnapshotFrame, job: JobSnapshot, attempt: AttemptSnapshot, index: number): CsvValue[] {
  const { failure, phases } = attempt;
  const cells: Record<(typeof ATTEMPT_COLUMNS)[number], CsvValue> = {
    batch: snapshot.batch,
    key: job.key,
    attempt: attempt.id,
    number: index + 1,
    run: attempt.runId ?? null,
    route: attempt.route,
    provider: attempt.provider,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    money: attemptMoney(attempt).class,
    estimated_usd: usdCell(attempt.estimateMicros),
    quoted_usd: usdCell(attempt.quotedMicros),
    billed_usd: usdCell(attempt.billedMicros),
    cost_source: attempt.costSource,
    prices: snapshot.emulated ? 'simulated' : 'real',
    staging_at: timeCell(phases?.stagingAtMs),
    staged_at: timeCell(phases?.stagedAtMs),
    created_at: timeCell(attempt.createdAtMs),
    sent_at: timeCell(attempt.sentAtMs),
    accepted_at: timeCell(attempt.acceptedAtMs),
    running_at: timeCell(phases?.runningAtMs),
    ended_at: timeCell(attempt.endedAtMs),
    download_at: timeCell(phases?.downloadAtMs),
    downloaded_at: timeCell(phases?.downloadedAtMs),
    failure_kind: failure?.kind ?? null,
    failure_code: failure?.code ?? null,
    http_status: failure?.httpStatus ?? null,
    failure: failure?.message ?? null,
    day: calendarDay(attempt.createdAtMs, snapshot.timeZone),
  };
  return ATTEMPT_COLUMNS.map((column) => cells[column]);
}
