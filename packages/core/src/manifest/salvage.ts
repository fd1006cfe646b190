import type { Path } from './manifest-source.js';

type Values = Record<string, unknown>;

/** Fields without which a video has nothing to look at. */
const SUBSTANCE = new Set(['source', 'from', 'csv', 'tracks']);

const VOICES = new Set(['audio', 'left_audio', 'right_audio']);

/** Whether a track has nothing to look at without this field. */
export function isVoice(field: string | number): boolean {
  return VOICES.has(String(field));
}

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
    if (first === 'language_names') return null;
    if (first === undefined || isOfHead(first)) continue;
    if (first === 'output' && second === 'name' && isValues(kept.output)) kept.output = without(kept.output, second);
    else if (first !== 'videos') delete kept[String(first)];
    else if (typeof second !== 'number') return null;
    else videos[second] = withoutMistake(videos[second], second, rest);
  }
  return kept;
}

/** What is wrong or missing in it is put in place by {@link salvage}, and nothing else depends on it. */
function isOfHead(field: string | number): boolean {
  return field === 'version' || field === 'batch';
}

function withoutMistake(video: unknown, index: number, [field, key, part]: Path): unknown {
  if (!isValues(video) || field === undefined) return emptyVideo(index);
  if (field === 'id') return { ...video, id: `salvaged-${index}` };
  if (field === 'tracks' && key !== undefined && isValues(video.tracks)) {
    const { [String(key)]: track, ...tracks } = video.tracks;
    const kept = isValues(track) && part !== undefined && !isVoice(part) ? without(track, part) : null;
    if (kept !== null) return { ...video, tracks: { ...video.tracks, [String(key)]: kept } };
    return Object.keys(tracks).length > 0 ? { ...video, tracks } : emptyVideo(index, video.id);
  }
  return SUBSTANCE.has(String(field)) ? emptyVideo(index, video.id) : without(video, field);
}

function without(values: Values, field: string | number): Values {
  const { [String(field)]: _, ...others } = values;
  return others;
}

/** Passes every check and names no file, so that nothing is said of it; with its id it still takes a match's place. */
function emptyVideo(index: number, id: unknown = null): Values {
  const url = 'https://salvaged.invalid/media';
  const name = typeof id === 'string' ? id : `salvaged-${index}`;
  return { id: name, source: url, duration: '1s', tracks: { en: { audio: url, duration: '1s' } } };
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
