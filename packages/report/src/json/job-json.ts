import { type AttemptSnapshot, formatUsd, type JobSnapshot, type Micros } from '@localize/core';
import { attemptMoney } from '../view-model/attempt-money.js';
import type { AttemptJson, IsoTime, JobJson, Usd } from './report-json.js';

/** One job with its attempts. */
export function jobJson(job: JobSnapshot): JobJson {
  return {
    key: job.key,
    video: job.videoId,
    language: job.language,
    labels: job.labels,
    state: job.state,
    orphaned: job.orphaned,
    route: job.route,
    estimated_usd: usd(job.estimateMicros),
    output: job.output,
    output_sha256: job.outputSha256,
    output_bytes: job.outputBytes,
    output_seconds: seconds(job.outputDurationMs),
    track_seconds: seconds(job.trackDurationMs),
    source: job.source,
    hold_reason: job.holdReason,
    reason: job.reason,
    mend: job.mend,
    marks: (job.marks ?? []).map(({ reviewer, verdict, route, note, atMs }) => ({
      reviewer,
      verdict,
      route,
      note,
      at: isoTime(atMs),
    })),
    attempts: job.attempts.map(attemptJson),
  };
}

function attemptJson(attempt: AttemptSnapshot): AttemptJson {
  const { failure } = attempt;
  return {
    id: attempt.id,
    route: attempt.route,
    provider: attempt.provider,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    money: attemptMoney(attempt).class,
    estimated_usd: usd(attempt.estimateMicros),
    quoted_usd: usd(attempt.quotedMicros ?? null),
    cost_usd: usd(attempt.billedMicros),
    cost_source: attempt.costSource,
    created_at: isoTime(attempt.createdAtMs),
    sent_at: isoTimeOrNull(attempt.sentAtMs),
    accepted_at: isoTimeOrNull(attempt.acceptedAtMs),
    ended_at: isoTimeOrNull(attempt.endedAtMs),
    failure: failure && {
      kind: failure.kind,
      message: failure.message,
      code: failure.code ?? null,
      http_status: failure.httpStatus ?? null,
    },
  };
}

/** Epoch milliseconds as ISO 8601 in UTC. */
export function isoTime(epochMs: number): IsoTime {
  return new Date(epochMs).toISOString();
}

function isoTimeOrNull(epochMs: number | null): IsoTime | null {
  return epochMs === null ? null : isoTime(epochMs);
}

function usd(micros: Micros | null): Usd {
  return micros === null ? null : formatUsd(micros);
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
