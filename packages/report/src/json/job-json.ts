import {
  type AttemptSnapshot,
  cameOutTheSame,
  type EarlierVideo,
  expectedCost,
  formatUsd,
  type JobSnapshot,
  type MarkSnapshot,
  type Micros,
  type RedoSnapshot,
} from '@localize/core';
import { attemptMoney } from '../view-model/attempt-money.js';
import { checkFlags } from '../view-model/checks.js';
import type { AttemptJson, IsoTime, JobJson, MarkJson, MeasuredJson, RedoJson, Usd } from './report-json.js';

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
    measured: measuredJson(job),
    source_size: job.sourceSize ?? null,
    ...checkFlags(job),
    source: job.source,
    hold_reason: job.holdReason,
    reason: job.reason,
    mend: job.mend,
    waits_for: job.waitsForMoney?.caps ?? [],
    marks: (job.marks ?? []).map(markJson),
    earlier_marks: (job.earlierMarks ?? []).map(markJson),
    differs_in: job.changed?.fields ?? [],
    redo: job.redo ? redoJson(job.redo, job) : null,
    making_again: job.remaking ? { state: job.remaking.state, hold_reason: job.remaking.holdReason } : null,
    earlier_video: job.earlierVideo ? earlierJson(job.earlierVideo) : null,
    taken_from: job.takenFrom ? { job: job.takenFrom.job } : null,
    attempts: job.attempts.map(attemptJson),
  };
}

function earlierJson({ output, sha256, durationMs, review }: EarlierVideo): JobJson['earlier_video'] {
  return { output, sha256, seconds: seconds(durationMs), review };
}

function measuredJson({ measured }: JobSnapshot): MeasuredJson | null {
  if (!measured) return null;
  const { width, height, frameRate, hasAudio, audioDurationMs } = measured;
  return {
    width,
    height,
    frames_per_second: frameRate,
    has_audio: hasAudio,
    audio_seconds: seconds(audioDurationMs),
  };
}

function redoJson(
  { route, seed, waits, overtaken, estimateMicros = null, refused }: RedoSnapshot,
  job: JobSnapshot,
): RedoJson {
  const came_out_the_same = cameOutTheSame(job);
  return {
    route,
    seed,
    waits,
    overtaken: overtaken === true,
    came_out_the_same,
    estimated_usd: usd(estimateMicros),
    refused: refused ?? null,
  };
}

function markJson({ reviewer, verdict, route, note, atMs }: MarkSnapshot): MarkJson {
  return { reviewer, verdict, route, note, at: isoTime(atMs) };
}

function attemptJson(attempt: AttemptSnapshot): AttemptJson {
  const { failure, phases } = attempt;
  return {
    id: attempt.id,
    run: attempt.runId ?? null,
    route: attempt.route,
    provider: attempt.provider,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    money: attemptMoney(attempt).class,
    estimated_usd: usd(attempt.estimateMicros),
    expected_usd: usd(attempt.billedMicros === null ? expectedCost(attempt) : null),
    quoted_usd: usd(attempt.quotedMicros ?? null),
    cost_usd: usd(attempt.billedMicros),
    cost_source: attempt.costSource,
    staging_at: isoTimeOrNull(phases?.stagingAtMs),
    staged_at: isoTimeOrNull(phases?.stagedAtMs),
    created_at: isoTime(attempt.createdAtMs),
    sent_at: isoTimeOrNull(attempt.sentAtMs),
    accepted_at: isoTimeOrNull(attempt.acceptedAtMs),
    running_at: isoTimeOrNull(phases?.runningAtMs),
    ended_at: isoTimeOrNull(attempt.endedAtMs),
    download_at: isoTimeOrNull(phases?.downloadAtMs),
    downloaded_at: isoTimeOrNull(phases?.downloadedAtMs),
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

function isoTimeOrNull(epochMs: number | null | undefined): IsoTime | null {
  return epochMs === null || epochMs === undefined ? null : isoTime(epochMs);
}

/** What nobody knows is `null`. */
export function usd(micros: Micros | null): Usd {
  return micros === null ? null : formatUsd(micros);
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
