import { type FoundTrack, type FoundVideo, isTwoVoices } from './match-audio.js';

/** An entry of `videos:`. */
export type VideoEntry =
  | {
      readonly kind: 'pattern';
      readonly from: string;
      readonly tracks: string;
      readonly videos: number;
      /** The same, an entry each. */
      readonly apart: readonly VideoEntry[];
    }
  | { readonly kind: 'video'; readonly id: string; readonly source: string; readonly tracks: readonly FoundTrack[] };

/** What a glob would not take as it stands. */
const SPECIAL = /[*?{}[\]()!]/;

/**
 * The shortest entries that say what was found: a folder whose videos all find their audio by one pattern is one
 * entry, every other video has its own. Videos without audio have none.
 * @param wanted whether a language is to be made
 */
export function arrangeVideos(videos: readonly FoundVideo[], wanted: (language: string) => boolean): VideoEntry[] {
  const ids = uniqueIds(videos);
  const folders = new Map<string, FoundVideo[]>();
  for (const video of videos) folders.set(groupOf(video), [...(folders.get(groupOf(video)) ?? []), video]);
  return [...folders.values()].flatMap((group) => {
    const pattern = asPattern(group, ids, wanted);
    return pattern ? [pattern] : group.flatMap((video) => asVideo(video, ids, wanted));
  });
}

function groupOf({ file }: FoundVideo): string {
  return `${file.folder}/*${file.extension}`;
}

function asPattern(
  group: readonly FoundVideo[],
  ids: ReadonlyMap<FoundVideo, string>,
  wanted: (language: string) => boolean,
): VideoEntry | null {
  const [first] = group;
  const example = first?.tracks[0];
  const template = example && !isTwoVoices(example) ? example.template : undefined;
  if (first === undefined || template === undefined || group.length < 2 || SPECIAL.test(first.file.folder)) return null;
  const isPlain = group.every(
    (video) =>
      video.tracks.length > 0 &&
      ids.get(video) === video.file.stem &&
      video.tracks.every((track) => !isTwoVoices(track) && track.template === template && wanted(track.language)),
  );
  if (!isPlain) return null;
  const apart = group.flatMap((video) => asVideo(video, ids, wanted));
  return { kind: 'pattern', from: groupOf(first), tracks: template, videos: group.length, apart };
}

function asVideo(
  video: FoundVideo,
  ids: ReadonlyMap<FoundVideo, string>,
  wanted: (language: string) => boolean,
): VideoEntry[] {
  const tracks = video.tracks.filter((track) => wanted(track.language));
  const { stem, path } = video.file;
  return tracks.length === 0 ? [] : [{ kind: 'video', id: ids.get(video) ?? stem, source: path, tracks }];
}

/** The file's name, with its folder's before it where two videos have one name. */
function uniqueIds(videos: readonly FoundVideo[]): Map<FoundVideo, string> {
  const ids = new Map<FoundVideo, string>();
  const taken = new Set<string>();
  for (const video of videos) {
    const { stem, folder } = video.file;
    const parent = folder.slice(folder.lastIndexOf('/') + 1);
    const choices = [stem, `${parent}-${stem}`, ...videos.map((_, index) => `${stem}-${index + 2}`)];
    const id = choices.find((choice) => !taken.has(choice.toLowerCase())) ?? stem;
    taken.add(id.toLowerCase());
    ids.set(video, id);
  }
  return ids;
}
