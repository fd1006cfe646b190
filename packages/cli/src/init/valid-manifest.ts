import { LocalizeError, type ManifestIssue } from '@localize/core';
import type { LoadedBatch } from '../batch/load-batch.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import type { VideoEntry } from './arrange-videos.js';
import { draftManifest, type ManifestContents, type Owner } from './manifest-text.js';
import { type FoundTrack, isTwoVoices } from './match-audio.js';

export interface ValidManifest {
  readonly text: string;
  readonly batch: LoadedBatch;
  /** A line for each file that cannot be in it, with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * The manifest of what was found, as `validate` takes it: a file that it would not take is left out, such as one whose
 * name means something else in a manifest.
 * @param load reads a text as the manifest that it will be
 * @throws LocalizeError NO_MEDIA_FOUND when nothing is left
 * @throws ManifestInvalid when the mistake is in none of the files
 */
export async function validManifest(
  contents: ManifestContents,
  load: (text: string) => Promise<LoadedBatch>,
): Promise<ValidManifest> {
  const leftOut: string[] = [];
  for (let left = contents; ; ) {
    const { text, owners } = draftManifest(left);
    const batch = await load(text).catch(asInvalid);
    if (!(batch instanceof ManifestInvalid)) return { text, batch, leftOut };
    const faults = faultsOf(batch, owners);
    leftOut.push(...faults.flatMap(reasonOf));
    const entries = left.entries.flatMap((entry) => without(entry, faults));
    if (entries.length === 0) throw nothingLeft(leftOut);
    left = { ...left, entries, hasHoles: true };
  }
}

function asInvalid(error: unknown): ManifestInvalid {
  if (error instanceof ManifestInvalid) return error;
  throw error;
}

interface Fault extends Owner {
  readonly issue: ManifestIssue;
}

function faultsOf(invalid: ManifestInvalid, owners: ReadonlyMap<number, Owner>): Fault[] {
  return invalid.issues
    .filter(({ severity }) => severity === 'error')
    .map((issue) => {
      const owner = owners.get(issue.line);
      if (owner === undefined) throw invalid;
      return { ...owner, issue };
    });
}

/** What a pattern takes in is looked at one by one before any of it is left out. */
function reasonOf({ entry, track, issue }: Fault): string[] {
  if (entry.kind === 'pattern') return [];
  const files = track === undefined ? entry.source : pathsOf(track).join(' and ');
  const expected = issue.expected === undefined ? '' : ` (${issue.expected})`;
  return [`${files} is left out: ${issue.message}${expected}`];
}

function pathsOf(track: FoundTrack): string[] {
  return isTwoVoices(track) ? [track.left, track.right] : [track.path];
}

function without(entry: VideoEntry, faults: readonly Fault[]): readonly VideoEntry[] {
  const own = faults.filter((fault) => fault.entry === entry);
  if (own.length === 0) return [entry];
  if (entry.kind === 'pattern') return entry.apart;
  const faulty = new Set(own.map(({ track }) => track));
  const tracks = faulty.has(undefined) ? [] : entry.tracks.filter((track) => !faulty.has(track));
  return tracks.length === 0 ? [] : [{ ...entry, tracks }];
}

function nothingLeft(leftOut: readonly string[]): LocalizeError {
  return new LocalizeError('NO_MEDIA_FOUND', `no file that was found can be in a manifest: ${leftOut.join('; ')}`, {
    hint: 'rename the files or the folder',
  });
}
