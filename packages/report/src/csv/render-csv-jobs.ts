import { type JobSnapshot, reviewState, type SnapshotFrame, type StreamedSnapshot } from '@localize/core';
import { documentText, type ReportDocument } from '../document.js';
import { type Survey, surveySnapshot } from '../survey.js';
import { checkFlags } from '../view-model/checks.js';
import { labelOf } from '../view-model/labels.js';
import { knownBilled, moneyFigures } from '../view-model/money-figures.js';
import { secondsCell, usdCell, yesNoCell } from './cells.js';
import { type CsvValue, csvLine } from './csv.js';

/** In the order in which they are written. */
export const JOB_COLUMNS = [
  'batch',
  'key',
  'video',
  'language',
  'state',
  'orphaned',
  'route',
  'attempts',
  'estimated_usd',
  'billed_usd',
  'in_flight_usd',
  'at_risk_usd',
  'charged_but_failed_usd',
  'lost_usd',
  'unpriced_attempts',
  'prices',
  'track_seconds',
  'output_seconds',
  'output_bytes',
  'output_sha256',
  'width',
  'height',
  'frames_per_second',
  'has_audio',
  'audio_seconds',
  'source_width',
  'source_height',
  'findings',
  'output',
  'source',
  'hold_reason',
  'reason',
  'mend',
  'waits_for',
  'review',
  'redo_route',
  'redo_seed',
  'redo_waits',
] as const;

/** Behind the labels: a column that came later moves none. */
export const LAST_JOB_COLUMNS = ['differs_in'] as const;

/** One row a job, one column more for each label key: `label_<key>`. */
export function csvJobsDocument({ snapshot, labels }: Survey): ReportDocument {
  return {
    head: [csvLine([...JOB_COLUMNS, ...labels.map((label) => `label_${label}`), ...LAST_JOB_COLUMNS])],
    job: (job) =>
      csvLine([...jobCells(job, snapshot), ...labels.map((label) => labelOf(job, label)), ...lastCells(job)]),
    tail: '',
  };
}

/** {@link csvJobsDocument} as one text. */
export function renderCsvJobs(given: StreamedSnapshot): string {
  const survey = surveySnapshot(given);
  return documentText(csvJobsDocument(survey), survey.snapshot.jobs);
}

function lastCells(job: JobSnapshot): CsvValue[] {
  const cells: Record<(typeof LAST_JOB_COLUMNS)[number], CsvValue> = {
    differs_in: job.changed?.fields.join('; ') ?? null,
  };
  return LAST_JOB_COLUMNS.map((column) => cells[column]);
}

function jobCells(job: JobSnapshot, snapshot: SnapshotFrame): CsvValue[] {
  const money = moneyFigures([job]);
  const flags = checkFlags(job);
  const cells: Record<(typeof JOB_COLUMNS)[number], CsvValue> = {
    batch: snapshot.batch,
    key: job.key,
    video: job.videoId,
    language: job.language,
    state: job.state,
    orphaned: yesNoCell(job.orphaned),
    route: job.route,
    attempts: job.attempts.length,
    estimated_usd: usdCell(job.estimateMicros),
    billed_usd: usdCell(knownBilled(money)),
    in_flight_usd: usdCell(money.inFlightMicros),
    at_risk_usd: usdCell(money.atRiskMicros),
    charged_but_failed_usd: usdCell(money.chargedButFailedMicros),
    lost_usd: usdCell(money.lostMicros),
    unpriced_attempts: money.unpricedAttempts,
    prices: snapshot.emulated ? 'simulated' : 'real',
    track_seconds: secondsCell(job.trackDurationMs),
    output_seconds: secondsCell(job.outputDurationMs),
    output_bytes: job.outputBytes,
    output_sha256: job.outputSha256,
    width: job.measured?.width ?? null,
    height: job.measured?.height ?? null,
    frames_per_second: job.measured?.frameRate ?? null,
    has_audio: yesNoCell(job.measured?.hasAudio),
    audio_seconds: secondsCell(job.measured?.audioDurationMs),
    source_width: job.sourceSize?.width ?? null,
    source_height: job.sourceSize?.height ?? null,
    findings: [...flags.faults, ...flags.notes].join('; ') || null,
    output: job.output,
    source: job.source,
    hold_reason: job.holdReason,
    reason: job.reason,
    mend: job.mend,
    waits_for: job.waitsForMoney?.caps.join('; ') ?? null,
    review: reviewState(job),
    redo_route: job.redo?.route ?? null,
    redo_seed: job.redo?.seed ?? null,
    redo_waits: yesNoCell(job.redo?.waits),
  };
  return JOB_COLUMNS.map((column) => cells[column]);
}
