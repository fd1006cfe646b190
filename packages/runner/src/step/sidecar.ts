import { copyFile, open, rename } from 'node:fs/promises';
import { type Estimate, formatUsd, type MeasuredVideo } from '@localize/core';
import type { AttemptRow, JobRow } from '../store/store.js';
import type { FinishedOutput } from '../store/stored-types.js';

/** What a sidecar says of its video: enough to adopt it on another machine. */
export interface Sidecar {
  readonly version: 1;
  readonly job: string;
  readonly fingerprint: string;
  readonly route: string;
  readonly prediction_id: string | null;
  readonly seed: number | null;
  readonly cost_usd: string | null;
  readonly estimate_usd: string | null;
  readonly cost_source: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly duration_seconds: number;
  /** Absent where an older version wrote it. */
  readonly measured?: MeasuredVideo | undefined;
  readonly emulated: boolean;
  readonly made_at: string | null;
}

/** Writes `<video>.json` beside the video, atomically. */
export async function writeSidecar(
  output: FinishedOutput,
  job: JobRow,
  attempt: AttemptRow,
  facts: { emulated: boolean; estimate: Estimate | null },
): Promise<void> {
  const usd = (micros: number | null | undefined) =>
    micros === null || micros === undefined ? null : formatUsd(micros);
  const sidecar: Sidecar = {
    version: 1,
    job: job.key,
    fingerprint: attempt.fingerprint,
    route: attempt.route,
    prediction_id: attempt.predictionId,
    seed: attempt.seed ?? attempt.request.input.seed,
    cost_usd: usd(attempt.billedMicros),
    estimate_usd: usd(facts.estimate?.micros),
    cost_source: attempt.costSource,
    sha256: output.sha256,
    bytes: output.bytes,
    duration_seconds: output.durationMs / 1000,
    measured: output.measured,
    emulated: facts.emulated,
    made_at: attempt.endedAt === null ? null : new Date(attempt.endedAt).toISOString(),
  };
  const path = sidecarPath(output.path);
  const file = await open(`${path}.part`, 'w');
  try {
    await file.writeFile(`${JSON.stringify(sidecar, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

/** Copies a video's sidecar to another video with the same contents; one that has none stays without. */
export async function copySidecar(fromVideo: string, toVideo: string): Promise<void> {
  await copyFile(sidecarPath(fromVideo), sidecarPath(toVideo)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

export function sidecarPath(videoPath: string): string {
  return `${videoPath}.json`;
}

/** The video that a sidecar lies beside; `null` when the name is no sidecar's, or its result was held. */
export function videoOfSidecar(path: string): string | null {
  if (!/\.[^./\\]+\.json$/.test(path) || /\.held\.[^.]+\.json$/.test(path)) return null;
  return path.slice(0, -'.json'.length);
}
