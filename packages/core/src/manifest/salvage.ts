import type { Path } from './manifest-source.js';

type Values = Record<string, unknown>;

/** Fields without which a video has nothing to look at. */
const SUBSTANCE = new Set(['source', 'from', 'csv', 'tracks']);

/**
 * A manifest with mistakes, less the parts that they stand in, so that what is left can be looked at too and the user
 * sees bad files beside bad fields. Indexes stay as they are: a video that cannot be kept becomes one without files.
 * @returns `null` when too little is left.
 */
export function salvage(root: unknown, mistakes: readonly Path[]): unknown {
  if (!isValues(root) || !Array.isArray(root.videos)) return null;
  const kept: Values = { ...(structuredClone(root) as Values), version: 1, batch: 'salvaged' };
  const videos = kept.videos as unknown[];
  for (const [first, second, ...rest] of mistakes) {
    // Without its names for languages, what its patterns match would mean something else.
    if (first === undefined || first === 'language_names') return null;
    if (first !== 'videos') delete kept[String(first)];
    else if (typeof second !== 'number') return null;
    else videos[second] = withoutMistake(videos[second], second, rest);
  }
  return kept;
}

function withoutMistake(video: unknown, index: number, [field, key]: Path): unknown {
  if (!isValues(video) || field === undefined) return emptyVideo(index);
  if (field === 'id') return { ...video, id: `salvaged-${index}` };
  if (field === 'tracks' && key !== undefined && isValues(video.tracks)) {
    const { [String(key)]: _, ...tracks } = video.tracks;
    return Object.keys(tracks).length > 0 ? { ...video, tracks } : emptyVideo(index);
  }
  if (SUBSTANCE.has(String(field))) return emptyVideo(index);
  const { [String(field)]: _, ...others } = video;
  return others;
}

/** Passes every check and names no file, so that nothing is said of it. */
function emptyVideo(index: number): Values {
  const url = 'https://salvaged.invalid/media';
  return { id: `salvaged-${index}`, source: url, duration: '1s', tracks: { en: { audio: url, duration: '1s' } } };
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
