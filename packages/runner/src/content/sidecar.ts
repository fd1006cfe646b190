import { type Estimate, formatUsd, type MeasuredVideo } from '@localize/core';
import type { AppliedFinish, FinishedOutput } from '../store/schema/stored-types.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type PartDigests, partDigests } from './fingerprint.js';
import { readRegular } from './regular-file.js';
import { putFiles, type SmallFile } from './synced-file.js';

/** What a sidecar says of its video: enough to adopt it on another machine. */
export interface Sidecar {
  readonly version: 1;
  readonly job: string;
  /** Of the job, for its money to be charged back by; absent where it has none, or an older version wrote it. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly fingerprint: string;
  /** Digests of what the fingerprint is made of, to tell later what an edit touched; absent where an older version wrote it. */
  readonly made_of?: PartDigests | undefined;
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
  /** Absent: the video is what the provider delivered, byte by byte. */
  readonly finish?: SidecarFinish | undefined;
  readonly emulated: boolean;
  readonly made_at: string | null;
}

/** How a deliverable was made of what the provider delivered. */
interface SidecarFinish {
  readonly id: string;
  readonly audio: 'provider' | 'track';
  readonly title: string;
  readonly language: string;
  readonly subtitles_sha256: string | null;
  readonly provider_sha256: string;
  readonly provider_bytes: number;
  readonly kept: string | null;
}

interface SidecarFacts {
  readonly emulated: boolean;
  readonly estimate: Estimate | null;
}

/** Writes `<video>.json` beside the video. */
export async function writeSidecar(...about: Parameters<typeof sidecarFile>): Promise<void> {
  await putFiles([sidecarFile(...about)]);
}

/** What {@link writeSidecar} writes. */
export function sidecarFile(output: FinishedOutput, job: JobRow, attempt: AttemptRow, facts: SidecarFacts): SmallFile {
  const usd = (micros: number | null | undefined) =>
    micros === null || micros === undefined ? null : formatUsd(micros);
  return fileOf(output.path, {
    version: 1,
    job: job.key,
    ...labelsOf(job),
    fingerprint: attempt.fingerprint,
    made_of: partDigests(attempt.request.parts),
    route: attempt.route,
    prediction_id: attempt.predictionId,
    seed: attempt.seed ?? attempt.request.input.seed,
    cost_usd: usd(attempt.billedMicros),
    estimate_usd: usd(attempt.estimateMicros ?? facts.estimate?.micros),
    cost_source: attempt.costSource,
    ...aboutOutput(output),
    emulated: facts.emulated,
    made_at: attempt.endedAt === null ? null : new Date(attempt.endedAt + attempt.wallAhead).toISOString(),
  });
}

function labelsOf({ planned: { labels } }: JobRow): Pick<Sidecar, 'labels'> {
  return Object.keys(labels).length > 0 ? { labels } : {};
}

/**
 * Writes down what an output is now, and leaves what is said of its making. One that has no sidecar stays without.
 * @param copied from which video, and whose output the copy is
 */
export async function updateSidecar(
  output: FinishedOutput,
  { from = output.path, job }: { readonly from?: string; readonly job?: string } = {},
): Promise<void> {
  const known = await readSidecar(sidecarPath(from));
  if (known === null) return;
  const sidecar = { ...known, job: job ?? known.job, ...aboutOutput(output) };
  await putFiles([fileOf(output.path, sidecar)]);
}

/** Writes down what its prediction has cost, as far as it is the sidecar's. One that has no sidecar stays without. */
export async function updateSidecarCost(
  videoPath: string,
  { predictionId, billedMicros, costSource }: Pick<AttemptRow, 'predictionId' | 'billedMicros' | 'costSource'>,
): Promise<void> {
  const known = await readSidecar(sidecarPath(videoPath));
  if (known === null || known.prediction_id !== predictionId) return;
  const cost_usd = billedMicros === null ? null : formatUsd(billedMicros);
  await putFiles([fileOf(videoPath, { ...known, cost_usd, cost_source: costSource })]);
}

type AboutOutput = Pick<Sidecar, 'sha256' | 'bytes' | 'duration_seconds' | 'measured' | 'finish'>;

function aboutOutput({ sha256, bytes, durationMs, measured, finish }: FinishedOutput): AboutOutput {
  return { sha256, bytes, duration_seconds: durationMs / 1000, measured, finish: finish && finishText(finish) };
}

/** The output that a sidecar lies beside. */
export function outputOf(path: string, sidecar: Sidecar): FinishedOutput {
  const { sha256, bytes, measured, finish } = sidecar;
  const durationMs = Math.round(sidecar.duration_seconds * 1000);
  return { path, sha256, bytes, durationMs, measured, finish: finish && appliedFinish(finish) };
}

function finishText({ id, audio, title, language, subtitlesSha256, original, kept }: AppliedFinish): SidecarFinish {
  const provider = { provider_sha256: original.sha256, provider_bytes: original.bytes };
  return { id, audio, title, language, subtitles_sha256: subtitlesSha256, ...provider, kept };
}

function appliedFinish({ id, audio, title, language, kept, ...rest }: SidecarFinish): AppliedFinish {
  const original = { sha256: rest.provider_sha256, bytes: rest.provider_bytes };
  return { id, audio, title, language, subtitlesSha256: rest.subtitles_sha256, original, kept };
}

/** Without which a result is of no use. */
const TEXTS = ['job', 'fingerprint', 'route', 'sha256'] as const;

function isOurs(parsed: Partial<Sidecar>): boolean {
  const { version, prediction_id: prediction = null } = parsed;
  if (version !== 1 || (prediction !== null && typeof prediction !== 'string')) return false;
  return TEXTS.every((name) => typeof parsed[name] === 'string');
}

/** @returns `null` for a file that is no sidecar of ours, or is not there. */
export async function readSidecar(path: string): Promise<Sidecar | null> {
  try {
    const parsed = JSON.parse(await readRegular(path)) as Partial<Sidecar> | null;
    return parsed !== null && isOurs(parsed) ? (parsed as Sidecar) : null;
  } catch {
    // Half-written by a dying process, or somebody else's: it proves nothing, so it is not used.
    return null;
  }
}

function fileOf(videoPath: string, sidecar: Sidecar): SmallFile {
  return { path: sidecarPath(videoPath), content: Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`) };
}

export function sidecarPath(videoPath: string): string {
  return `${videoPath}.json`;
}

/** The video that a sidecar lies beside; `null` when the name is no sidecar's, or its result was held. */
export function videoOfSidecar(path: string): string | null {
  if (!/\.[^./\\]+\.json$/.test(path) || /\.held\.[^.]+\.json$/.test(path)) return null;
  return path.slice(0, -'.json'.length);
}
