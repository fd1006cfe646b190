import type { Manifest, ManifestValues } from './manifest.js';
import type { ManifestIssue, ManifestIssueCode } from './manifest-issue.js';
import type { ManifestSource, Path, Place } from './manifest-source.js';
import { isVoice } from './salvage.js';

/** What is left of a manifest without its mistakes, so that the rest of it is looked at in the same go; never to be run. */
export interface Remainder {
  readonly manifest: Manifest;
  /** Nothing is wrong with the video at this place. */
  isSound(place: Place): boolean;
  /** A mistake that was found in what is left is one of the whole manifest too, whatever the others come to. */
  isCertain(issue: ManifestIssue): boolean;
}

/** Media files, and what patterns and CSV files find: mistakes elsewhere do not change it. */
const OF_FILES: readonly ManifestIssueCode[] = ['FILE_MISSING', 'MEDIA', 'NO_MATCH', 'TWO_FILES', 'CSV'];

/** Whether a mistake is in the files that a manifest names, and not in the manifest. */
export function isOfFiles({ code }: ManifestIssue): boolean {
  return OF_FILES.includes(code);
}

interface Ground {
  /** Fields of the manifest with which nothing is wrong. */
  readonly fields: readonly string[];
  /** Of the video nothing is wrong with its files and tracks, or with anything. */
  readonly video: 'tracks' | 'all';
}

/** What makes another mistake certain. */
const RESTS_ON: Readonly<Partial<Record<ManifestIssueCode, Ground>>> = {
  MISSING_TRACK: { fields: ['languages', 'on_missing_track'], video: 'tracks' },
  MISSING: { fields: [], video: 'tracks' },
  LANGUAGE: { fields: [], video: 'tracks' },
  VALUE: { fields: [], video: 'tracks' },
  DUPLICATE_ID: { fields: [], video: 'tracks' },
  OUTPUT_CLASH: { fields: ['output'], video: 'all' },
  NO_ROUTE: { fields: ['defaults', 'providers', 'staging', 'output', 'emulate'], video: 'all' },
};

/**
 * @param mistakes where they stand, or would if they were spelt as they were meant
 * @param isWhole nothing else was wrong, such as a file to extend that is not there
 */
export function remainderOf(
  values: ManifestValues,
  source: ManifestSource,
  { mistakes, isWhole }: { mistakes: readonly Path[]; isWhole: boolean },
): Remainder {
  const fields = new Set(mistakes.map(([field]) => field));
  // Of what an output is called no route knows.
  const ofRoutes = new Set(
    mistakes.filter(([field, part]) => !(field === 'output' && part === 'name')).map(([field]) => field),
  );
  const inVideos = mistakes.filter(([field]) => field === 'videos');
  const videos = { tracks: indexes(inVideos.filter(isOfTracks)), all: indexes(inVideos) };
  const places = new WeakMap<ManifestIssue, Place>();
  const issueAt: ManifestSource['issueAt'] = (place, ...found) => {
    const issue = source.issueAt(place, ...found);
    places.set(issue, place);
    return issue;
  };
  // A row of a CSV file does not tell which entry has read it.
  const isSound = (place: Place, what: Ground['video'] = 'all') =>
    'path' in place ? !videos[what].has(place.path[1]) : videos[what].size === 0;
  return {
    manifest: { ...values, source: { ...source, issueAt } },
    isSound: (place) => isSound(place),
    isCertain: (issue) => {
      if (isOfFiles(issue)) return true;
      const place = places.get(issue);
      const ground = RESTS_ON[issue.code];
      if (!isWhole || place === undefined || ground === undefined) return false;
      const wrong = issue.code === 'NO_ROUTE' ? ofRoutes : fields;
      return isSound(place, ground.video) && !ground.fields.some((field) => wrong.has(field));
    },
  };
}

function indexes(mistakes: readonly Path[]): ReadonlySet<unknown> {
  return new Set(mistakes.map(([, index]) => index));
}

const OF_ITSELF = ['id', 'source', 'from', 'csv', 'tracks'];

/** Such a mistake leaves something out of a video that {@link salvage} cannot keep. */
function isOfTracks([, , field, , part]: Path): boolean {
  if (field === 'tracks' && part !== undefined) return isVoice(part);
  return field === undefined || OF_ITSELF.includes(String(field));
}
