import { dirname, join } from 'node:path';
import { type AssetSource, LocalizeError, type PlannedJob, PREVIEW_FOLDER, videoTags } from '@localize/core';
import { type Arrangement, MediaError, remux } from '@localize/media';
import { makeFolder, outputPath } from '@localize/runner';

/** Copying packets is work for the disk; more than this gains nothing on one disk. */
const AT_ONCE = 3;

export type PreviewResult =
  | {
      readonly key: string;
      readonly path: string;
      readonly durationMs: number;
      /** Voices that could not be mixed with the other: each voice is a sound track, and players play the first alone. */
      readonly unmixed: readonly string[];
    }
  | { readonly key: string; readonly reason: string };

export interface PreviewOptions {
  /** Folder of the batch's outputs; previews go below it under the same names. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onResult: (result: PreviewResult) => void;
}

/**
 * Puts each job's voices over its source picture, without any provider: for hearing whether the tracks are right before
 * lip-sync is paid for. One broken file costs its own previews only. Ends early when aborted.
 * @throws LocalizeError when the folder cannot be written
 */
export async function makePreviews(jobs: readonly PlannedJob[], options: PreviewOptions): Promise<PreviewResult[]> {
  const results: PreviewResult[] = [];
  const waiting = jobs.values();
  const work = async () => {
    for (const job of waiting) {
      if (options.signal.aborted) return;
      const result = await makePreview(job, options);
      if (result === null) return;
      results.push(result);
      options.onResult(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** @returns `null` when it was aborted. */
async function makePreview(job: PlannedJob, { folder, signal }: PreviewOptions): Promise<PreviewResult | null> {
  const { key, voices } = job;
  const path = outputPath(join(folder, PREVIEW_FOLDER), job.output);
  const arrangement: Arrangement = voices.kind === 'one' ? 'single' : voices.order;
  const audio = voices.kind === 'one' ? [voices.audio] : [voices.left, voices.right];
  try {
    makeFolder(dirname(path));
    const sources = { picture: placeOf(job.video), audio: audio.map(placeOf), arrangement };
    const tags = videoTags(job.finish ?? { title: job.videoId, language: job.language });
    const { durationMs, unmixed } = await remux({ ...sources, output: path, tags, signal });
    return { key, path, durationMs, unmixed };
  } catch (error) {
    if (signal.aborted) return null;
    if (MediaError.isInstance(error)) return { key, reason: error.message };
    throw unwritable(path, error);
  }
}

function placeOf(source: AssetSource): string {
  return source.kind === 'file' ? source.path : source.url;
}

/** What is not about the media is about the disk that it is written to. */
function unwritable(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === undefined) return error;
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'OUTPUT_UNWRITABLE';
  return new LocalizeError(kind, `${path} cannot be written: ${code}`, { cause: error });
}
