import { type AttemptSnapshot, formatUsd, type JobSnapshot, type Micros, type Snapshot } from '@localize/core';
import { plainSnapshot } from '../plain-snapshot.js';
import { attemptMoney } from '../view-model/attempt-money.js';
import { type CsvValue, csvTable } from './csv.js';

const COLUMNS = [
  'batch',
  'key',
  'attempt',
  'number',
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
  'created_at',
  'sent_at',
  'accepted_at',
  'ended_at',
  'failure_kind',
  'failure_code',
  'http_status',
  'failure',
] as const;

/** One row an attempt, in the order in which each job made them. */
export function renderCsvAttempts(given: Snapshot): string {
  const snapshot = plainSnapshot(given);
  return csvTable(
    COLUMNS,
    snapshot.jobs.flatMap((job) => job.attempts.map((attempt, index) => attemptCells(snapshot, job, attempt, index))),
  );
}

function attemptCells(snapshot: Snapshot, job: JobSnapshot, attempt: AttemptSnapshot, index: number): CsvValue[] {
  const { failure } = attempt;
  const cells: Record<(typeof COLUMNS)[number], CsvValue> = {
    batch: snapshot.batch,
    key: job.key,
    attempt: attempt.id,
    number: index + 1,
    route: attempt.route,
    provider: attempt.provider,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    money: attemptMoney(attempt).class,
    estimated_usd: usdCell(attempt.estimateMicros),
    quoted_usd: usdCell(attempt.quotedMicros ?? null),
    billed_usd: usdCell(attempt.billedMicros),
    cost_source: attempt.costSource,
    prices: snapshot.emulated ? 'simulated' : 'real',
    created_at: isoTime(attempt.createdAtMs),
    sent_at: isoTime(attempt.sentAtMs),
    accepted_at: isoTime(attempt.acceptedAtMs),
    ended_at: isoTime(attempt.endedAtMs),
    failure_kind: failure?.kind ?? null,
    failure_code: failure?.code ?? null,
    http_status: failure?.httpStatus ?? null,
    failure: failure?.message ?? null,
  };
  return COLUMNS.map((column) => cells[column]);
}

function usdCell(micros: Micros | null): CsvValue {
  return micros === null ? null : formatUsd(micros);
}

function isoTime(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
