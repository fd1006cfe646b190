import { rename, rm, stat } from 'node:fs/promises';
import {
  type AssetSource,
  canonicalJson,
  type Finish,
  formatSeconds,
  type PlannedJob,
  videoTags,
  voiceSources,
} from '@localize/core';
import { finishVideo, type MediaFacts, tagVideo, type VideoBytes, verifyVideo } from '@localize/media';
import { sha256File, sha256Of } from '../content/hash-file.js';
import { measuredVideo } from '../content/measured-video.js';
import { updateSidecar } from '../content/sidecar.js';
import { syncFile, syncFolderOf } from '../content/synced-file.js';
import { faultOfOne, isMachineFault } from '../machine-fault.js';
import { keptName, keptPath, originalPath } from '../output/output-paths.js';
import { failureOf, type RunContext } from '../run-context.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { AppliedFinish, FinishedOutput } from '../store/schema/stored-types.js';
import type { JobRow } from '../store/store.js';
import { keepAs } from './kept-original.js';

/** What a provider delivered, or an output that has its pictures. */
interface Made {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

type Deliverable = Pick<FinishedOutput, 'sha256' | 'bytes' | 'durationMs' | 'measured'>;

/** Where the deliverable of an output lies until it has its place. */
export function finishedPath(output: string): string {
  return `${output}.finished`;
}

/**
 * Makes the deliverable of what was just downloaded, at {@link finishedPath}. What the provider made is kept beside the
 * outputs where the deliverable has another sound.
 * @returns `null` where it cannot be made: what came is then the output as it is, and that is said.
 */
export async function finishDownload(
  context: RunContext,
  job: Pick<JobRow, 'key' | 'planned'>,
  download: Made,
  output: string,
): Promise<FinishedOutput | null> {
  const { finish } = job.planned;
  if (finish === undefined) return null;
  const made = await tried(context, job.key, async () => {
    const applied = await plannedFinish(context, job.planned, finish, download);
    return { applied, deliverable: await produce(context, job, finish, download.path, finishedPath(output)) };
  });
  if (made === null) return null;
  const original = originalPath(context.folder, job.planned.output);
  const keeps = finish.audio === 'track';
  if (keeps) await keepAs(download.path, original);
  const kept = keeps ? keptName(output, original) : null;
  return { path: output, ...made.deliverable, finish: { ...made.applied, kept } };
}

/** A deliverable that is in memory alone. */
export interface TaggedDownload {
  readonly content: Buffer;
  readonly facts: MediaFacts;
  readonly sha256: string;
  readonly applied: AppliedFinish;
}

/**
 * The deliverable of a small download whose tags alone are to change.
 * @returns `null` where it takes more, or nothing, or where what came may be no whole video
 */
export async function tagDownload(
  context: RunContext,
  { planned }: Pick<JobRow, 'planned'>,
  video: VideoBytes,
  original: AppliedFinish['original'],
): Promise<TaggedDownload | null> {
  const { finish } = planned;
  if (finish === undefined || !isPlain(finish)) return null;
  const content = await tagVideo(video, videoTags(finish));
  // The packets are the same, so one look at the whole is enough; what is wrong is told by a look at what came.
  const facts = content && (await verifyVideo({ ...video, content }).catch(() => null));
  if (content === null || facts === null) return null;
  const applied = await plannedFinish(context, planned, finish, original);
  return { content, facts, sha256: sha256Of(content), applied };
}

/**
 * Makes a finished job's deliverable anew where the manifest asks for another one now: another sound, other subtitles. It
 * is made of what is on disk and costs nothing; what was bought stays what it was.
 */
export async function finishAgain(context: RunContext, jobId: number): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'succeeded') return;
  try {
    await makeAgain(context, job);
  } catch (error) {
    // The next run makes it.
    if (context.freeWork.aborted) return;
    const why = await faultOfOne(context, error);
    if (why === null) throw error;
    const message = `its deliverable could not be made, so the output is what it was: ${why}`;
    context.journal.tell({ type: 'problem', key: job.key, message });
  }
}

async function makeAgain(context: RunContext, job: JobRow): Promise<void> {
  const { output, planned } = job;
  const { finish } = planned;
  if (output === null || finish === undefined || (output.finish === undefined && isPlain(finish))) return;
  const source = pictureFor(output, finish);
  if (source === null) {
    const message = `the provider’s own sound is not kept any more, so ${output.path} stays as it is`;
    context.journal.tell({ type: 'problem', key: job.key, message });
    return;
  }
  const made = await tried(context, job.key, async () => {
    const applied = await plannedFinish(context, planned, finish, output.finish?.original ?? output);
    if (applied.id === output.finish?.id) {
      context.journal.soon(() => context.journal.patchJob(job, { asPlanned: true }));
      return null;
    }
    return { applied, deliverable: await produce(context, job, finish, source, finishedPath(output.path)) };
  });
  if (made === null) return;
  const kept = finish.audio === 'track' ? await keptFor(context, output, planned) : null;
  const next: FinishedOutput = { path: output.path, ...made.deliverable, finish: { ...made.applied, kept } };
  // The sidecar first: when a kill comes before the state knows, it tells that the new file is ours.
  await updateSidecar(next);
  await rename(finishedPath(output.path), output.path);
  await syncFolderOf(output.path);
  context.journal.patchJob(job, { output: next, asPlanned: true });
  context.delivering.waiting.push(job.id);
  const former = keptPath(output);
  if (kept === null && former !== null) await rm(former, { force: true });
}

/** Only tags would change: nothing that an output of an earlier version is made anew for. */
function isPlain({ audio, subtitles }: Finish): boolean {
  return audio === 'provider' && subtitles === null;
}

/** A file that has the provider's pictures, and its sound too where that is wanted; `null` where there is none. */
function pictureFor(output: FinishedOutput, { audio }: Finish): string | null {
  const kept = keptPath(output);
  if (kept !== null) return kept;
  return audio === 'track' || output.finish?.audio !== 'track' ? output.path : null;
}

async function keptFor(context: RunContext, output: FinishedOutput, planned: PlannedJob): Promise<string | null> {
  if (output.finish?.audio === 'track') return output.finish.kept;
  const original = originalPath(context.folder, planned.output);
  await keepAs(output.path, original);
  return keptName(output.path, original);
}

/** 2: as timed text, where 1 was WebVTT in MP4, which few players know. */
const SUBTITLES_VERSION = 2;

async function plannedFinish(
  { contentIds }: RunContext,
  planned: PlannedJob,
  { audio, title, language, subtitles }: Finish,
  { sha256, bytes }: AppliedFinish['original'],
): Promise<AppliedFinish> {
  const idOf = (source: AssetSource) => (source.kind === 'file' ? contentIds.of(source.path) : source.url);
  const voices = audio === 'track' ? await Promise.all(voiceSources(planned.voices).map(idOf)) : null;
  const order = audio === 'track' && planned.voices.kind === 'two' ? planned.voices.order : null;
  const subtitlesId = subtitles && (await idOf(subtitles));
  // What an earlier version made is made anew where its number is another one.
  const version = subtitles === null ? 1 : SUBTITLES_VERSION;
  const parts = { version, audio, title, language, voices, order, subtitles: subtitlesId };
  const id = sha256Of(canonicalJson(parts));
  const subtitlesSha256 = subtitlesId?.replace(/^sha256:/, '') ?? null;
  return { id, audio, title, language, subtitlesSha256, original: { sha256, bytes }, kept: null };
}

async function produce(
  { freeWork, journal }: RunContext,
  { key, planned: { voices } }: Pick<JobRow, 'key' | 'planned'>,
  finish: Finish,
  picture: string,
  output: string,
): Promise<Deliverable> {
  const { audio, subtitles } = finish;
  const arrangement = voices.kind === 'one' ? ('single' as const) : voices.order;
  const made = await finishVideo({
    picture,
    sound: audio === 'track' ? { audio: voiceSources(voices).map(placeOf), arrangement } : null,
    tags: videoTags(finish),
    subtitles: subtitles && placeOf(subtitles),
    output,
    signal: freeWork,
  });
  const facts = await verifyVideo(output);
  const message = audio === 'track' ? earlyEnd(facts) : null;
  if (message !== null) journal.tell({ type: 'problem', key, message });
  await syncFile(output);
  const { size: bytes } = await stat(output);
  const sha256 = made.sha256 ?? (await sha256File(output));
  return { sha256, bytes, durationMs: facts.durationMs, measured: measuredVideo(facts) };
}

/** A track may end before its pictures by the larger of these: some routes make a few seconds at least. */
const EARLY = { ms: 2000, ratio: 0.1 };

/** Says that a track does not cover the pictures that were made of it, where that is so. */
function earlyEnd({ durationMs, videoDurationMs, audioDurationMs }: MediaFacts): string | null {
  const pictureMs = videoDurationMs ?? durationMs;
  if (audioDurationMs === null || pictureMs - audioDurationMs <= Math.max(EARLY.ms, pictureMs * EARLY.ratio))
    return null;
  const [sound, picture] = [formatSeconds(audioDurationMs), formatSeconds(pictureMs)];
  return `the track in its deliverable ends at ${sound}, and its pictures go on to ${picture}: look whether it is whole`;
}

function placeOf(source: AssetSource): string {
  return source.kind === 'file' ? source.path : source.url;
}

/** A video or subtitles that cannot be copied together cost the finish, not the result that was paid for. */
async function tried<T>(context: RunContext, key: string, make: () => Promise<T>): Promise<T | null> {
  try {
    return await make();
  } catch (error) {
    if (context.freeWork.aborted || isMachineFault(error)) throw error;
    const { message: why } = failureOf('storage', error);
    const message = `its deliverable could not be made, so the output is what it was: ${why}`;
    context.journal.tell({ type: 'problem', key, message });
    return null;
  }
}
