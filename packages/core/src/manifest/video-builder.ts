import type { ExpandedTrack, ExpandedVideo } from './expanded.js';
import { quote } from './fields/scalar.js';
import type { Finding, ManifestIssue } from './manifest-issue.js';
import type { ManifestSource, Place } from './manifest-source.js';

/** A video whose tracks are still being collected. */
export interface VideoDraft extends Omit<ExpandedVideo, 'tracks'> {
  /** One for each language; replaced by a longer list when one is added, since most videos of a large batch have few. */
  tracks: readonly ExpandedTrack[];
  /** Its entry says nothing of tracks, so that they may come from a pattern or a CSV file. */
  readonly takesTracks: boolean;
  /** Some track of it was refused, which has been said. */
  hasFaultyTrack?: boolean;
}

/** Where all videos begin. */
export const NO_TRACKS: readonly ExpandedTrack[] = [];

export function hasTrack({ tracks }: Pick<VideoDraft, 'tracks'>, language: string): boolean {
  return tracks.some((track) => track.language === language);
}

/** Where expanding puts what it finds wrong. */
export interface Reporter {
  error(place: Place, finding: Finding): void;
  warn(place: Place, finding: Finding): void;
}

export function createReporter(source: ManifestSource) {
  const issues: ManifestIssue[] = [];
  const warnings: ManifestIssue[] = [];
  const reporter: Reporter = {
    error: (place, finding) => void issues.push(source.issueAt(place, finding)),
    warn: (place, finding) => void warnings.push(source.issueAt(place, finding, 'warning')),
  };
  return { reporter, issues, warnings };
}

/** Adds a track unless its language has one. */
export function addTrack(video: VideoDraft, track: ExpandedTrack, report: Reporter): void {
  const first = video.tracks.find(({ language }) => language === track.language);
  if (first === undefined) {
    // A copy by spreading has room for sixteen more.
    video.tracks = video.tracks.concat(track);
    return;
  }
  const files = [filesOf(first), filesOf(track)].map((each, index, all) => different(each, all[1 - index]));
  const message = `two files claim ${video.id}/${track.language}: ${files.join(' and ')}`;
  report.error(track.place, { code: 'TWO_FILES', message, expected: 'one of them' });
}

function filesOf({ voices }: ExpandedTrack): string[] {
  const each = voices.kind === 'one' ? [voices.audio] : [voices.left, voices.right];
  return each.map(({ asset }) => asset.written);
}

/** Of two voices, the one that the other track does not have. */
function different(files: readonly string[], others: readonly string[] = []): string | undefined {
  return files.find((file) => !others.includes(file)) ?? files[0];
}

/** Two videos of one id. */
export function sameId(id: string, first: string, second: string): Finding {
  const message = `two videos have the id ${quote(id)}: ${first} and ${second}`;
  return { code: 'DUPLICATE_ID', message, expected: 'an id of its own for each' };
}

/** A video to which nothing gives a track. */
export function noTrack(id: string): Finding {
  return { code: 'MISSING', message: `video ${id} has no track`, expected: 'tracks with a file for each language' };
}
