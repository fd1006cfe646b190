import { stat } from 'node:fs/promises';
import type { AssetMedia, FileStamp, ListedAsset, MediaByAsset } from '@localize/core';
import { MediaError, probe, probeImage, probeSubtitles, verifyVideo } from '@localize/media';
import { fileStamp } from '@localize/runner';
import { nearestFile } from './nearest-file.js';

/** Probing waits for the disk or the network most of the time; more than this gains nothing on one disk. */
const AT_ONCE = 8;

/** Looks at every asset that needs a look. What cannot be read is an entry too: the plan says where it is named. */
export async function probeAssets(assets: readonly ListedAsset[], signal: AbortSignal): Promise<MediaByAsset> {
  const found = new Map<string, AssetMedia>();
  const waiting = assets.filter((asset) => asset.probe).values();
  const work = async () => {
    for (const asset of waiting) found.set(asset.name, await look(asset, signal));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

async function look(asset: ListedAsset, signal: AbortSignal): Promise<AssetMedia> {
  const { key, role, source } = asset;
  try {
    // Taken first: what changes while it is looked at counts as changed since.
    const file = await stampOf(asset);
    if (role === 'subtitles') return { facts: { ...(await subtitleFacts(key)), file } };
    if (role === 'mask') return { facts: { ...(await imageFacts(key, signal)), file } };
    const facts = { ...(await probe(key, { signal, listen: role === 'audio' })), file };
    // A header tells of the whole film; only its end shows whether the file has it.
    if (facts.video !== null && role === 'video' && source.kind === 'file') await verifyVideo(key);
    return { facts };
  } catch (error) {
    if (!MediaError.isInstance(error)) throw error;
    const nearest = source.kind === 'file' && error.code === 'MEDIA_MISSING' ? nearestFile(key) : null;
    return { error: { code: error.code, message: error.message, ...(nearest !== null && { nearest }) } };
  }
}

/** A file that is not there is told by what reads it. */
async function stampOf({ key, source }: ListedAsset): Promise<FileStamp | undefined> {
  if (source.kind === 'url') return undefined;
  const found = await stat(key).catch(() => null);
  return found === null ? undefined : fileStamp(found);
}

async function subtitleFacts(path: string) {
  const { endMs } = await probeSubtitles(path);
  return { durationMs: endMs, container: 'webvtt', video: null, audio: null };
}

async function imageFacts(source: string, signal: AbortSignal) {
  const { format } = await probeImage(source, { signal });
  return { durationMs: 0, container: format, video: null, audio: null };
}
