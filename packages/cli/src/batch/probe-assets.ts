import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { AssetMedia, ListedAsset, MediaByAsset, MediaFactsLike } from '@localize/core';
import {
  type FileToInspect,
  type InspectedFile,
  inspect,
  inspectFiles,
  MediaError,
  probeImage,
  probeSubtitles,
} from '@localize/media';
import { fileStamp } from '@localize/runner';
import { isFolder, linkAt } from './at-path.js';
import { nearestFile } from './nearest-file.js';
import type { RememberedMedia } from './remembered-media.js';

/** Looking waits for the disk or the network most of the time; more than this gains nothing on one disk. */
const AT_ONCE = 8;

/** How far a look at media files is. */
export interface LookNow {
  readonly done: number;
  readonly of: number;
  /** Whose files are waited for: hosts and names of files. */
  readonly places: readonly string[];
}

/** Shows that while it goes on. @returns ends it */
export type ShowLook = (now: () => LookNow) => () => void;

export interface ProbeOptions {
  readonly remembered: RememberedMedia;
  readonly signal: AbortSignal;
  readonly show?: ShowLook | undefined;
}

/**
 * Looks at every asset that needs a look, but for files that are remembered as they are. What cannot be read is an entry
 * too: the plan says where it is named.
 */
export async function probeAssets(
  assets: readonly ListedAsset[],
  { remembered, signal, show }: ProbeOptions,
): Promise<MediaByAsset> {
  const found = new Map<string, AssetMedia>();
  const wanted = assets.filter((asset) => asset.probe);
  const unseen = wanted.filter((asset) => isOfThreads(asset) && !remembered.knows(asset));
  const many = unseen.length >= FEWEST_FOR_THREADS ? unseen : [];
  const ofThreads = new Set(many);
  const waiting = wanted.filter((asset) => !ofThreads.has(asset)).values();
  const underWay = new Set<ListedAsset>();
  const work = async () => {
    for (const asset of waiting) {
      underWay.add(asset);
      found.set(asset.name, await look(asset, remembered, signal));
      underWay.delete(asset);
    }
  };
  const end = show?.(() => ({
    done: found.size,
    of: wanted.length,
    places: [...new Set([...underWay].map(placeOf))],
  }));
  let isWhole = false;
  try {
    const onFound = (asset: ListedAsset, media: AssetMedia) => void found.set(asset.name, media);
    await Promise.all([
      ...Array.from({ length: AT_ONCE }, work),
      ...(many.length > 0 ? [lookOnThreads(many, { remembered, signal, onFound })] : []),
    ]);
    isWhole = true;
  } finally {
    end?.();
    remembered.save(isWhole);
  }
  return found;
}

/** Fewer are done before a thread has started. */
const FEWEST_FOR_THREADS = 300;

/** Files of media; the rest waits for the network, or is read in a moment. */
function isOfThreads({ source, role }: ListedAsset): boolean {
  return source.kind === 'file' && (role === 'video' || role === 'audio');
}

function lookOnThreads(
  assets: readonly ListedAsset[],
  {
    remembered,
    signal,
    onFound,
  }: Pick<ProbeOptions, 'remembered' | 'signal'> & { onFound: (asset: ListedAsset, media: AssetMedia) => void },
): Promise<void> {
  const files = assets.map(({ key, role }): FileToInspect => ({ path: key, as: role === 'video' ? 'video' : 'audio' }));
  return inspectFiles(files, {
    signal,
    onFound: (index, found) => {
      const asset = assets[index];
      if (asset !== undefined) onFound(asset, mediaIn(asset, found, remembered));
    },
  });
}

function mediaIn(asset: ListedAsset, found: InspectedFile, remembered: RememberedMedia): AssetMedia {
  if ('error' in found) return failedLook(asset, found.error);
  remembered.note(asset, found.times, found.facts);
  return { facts: { ...found.facts, file: fileStamp(found.times) } };
}

async function look(asset: ListedAsset, remembered: RememberedMedia, signal: AbortSignal): Promise<AssetMedia> {
  // Taken first: what changes while it is looked at counts as changed since.
  const stats = await statsOf(asset);
  if (stats === null) return lookInside(asset, signal);
  const file = fileStamp(stats);
  const known = remembered.recall(asset, file);
  if (known !== null) return { facts: { ...known, file } };
  const seen = await lookInside(asset, signal);
  if ('error' in seen) return seen;
  remembered.note(asset, stats, seen.facts);
  return { facts: { ...seen.facts, file } };
}

/** A host, or a file's name. */
function placeOf({ key, source }: ListedAsset): string {
  return source.kind === 'url' && URL.canParse(source.url) ? new URL(source.url).host : basename(key);
}

/** `null` of a URL, and of a file that is not there, which is told by what reads it. */
async function statsOf({ key, source }: ListedAsset): Promise<BigIntStats | null> {
  return source.kind === 'url' ? null : stat(key, { bigint: true }).catch(() => null);
}

async function lookInside(asset: ListedAsset, signal: AbortSignal): Promise<AssetMedia> {
  try {
    return { facts: await factsOf(asset, signal) };
  } catch (error) {
    if (!MediaError.isInstance(error)) throw error;
    return failedLook(asset, error);
  }
}

/** What is wrong, with what may have been meant. */
function failedLook({ key, source }: ListedAsset, { code, message }: Pick<MediaError, 'code' | 'message'>): AssetMedia {
  if (source.kind === 'url') return { error: { code, message } };
  if (code === 'MEDIA_MISSING') return { error: { code, message, ...instead(key) } };
  return { error: { code, message, isFolder: isFolder(key) } };
}

/** What is in the place of a file that is not there, or near it. */
function instead(path: string): { linkTo?: string; nearest?: string } {
  const linkTo = linkAt(path);
  if (linkTo !== null) return { linkTo };
  const nearest = nearestFile(path);
  return nearest === null ? {} : { nearest };
}

function factsOf({ key, role }: ListedAsset, signal: AbortSignal): Promise<MediaFactsLike> {
  if (role === 'subtitles') return subtitleFacts(key);
  if (role === 'mask') return imageFacts(key, signal);
  return inspect(key, { as: role, signal });
}

async function subtitleFacts(path: string): Promise<MediaFactsLike> {
  const { endMs } = await probeSubtitles(path);
  return { durationMs: endMs, container: 'webvtt', video: null, audio: null };
}

async function imageFacts(source: string, signal: AbortSignal): Promise<MediaFactsLike> {
  const { format } = await probeImage(source, { signal });
  return { durationMs: 0, container: format, video: null, audio: null };
}
