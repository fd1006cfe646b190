import { readLanguageTag } from '@localize/core';
import type { FoundFile } from './find-media.js';

/** One audio file that by its name belongs to a video. */
export interface FoundTrack {
  /** As the file spells it. */
  readonly language: string;
  readonly path: string;
  /** The file's path with `{lang}` and `{name}` in the places of both. */
  readonly template: string;
}

export interface FoundVideo {
  readonly file: FoundFile;
  /** By language; the first file of each wins. */
  readonly tracks: readonly FoundTrack[];
}

const SEPARATORS = ['.', '_', '-'];

/**
 * Finds the video that each audio file belongs to, in the usual layouts: `{lang}/{name}.mp3`, `{name}/{lang}.mp3`,
 * `{name}.{lang}.mp3` with a dot, a dash or an underscore.
 * @returns also the audio that belongs to none, or to a language that a video has already
 */
export function matchAudio(
  videos: readonly FoundFile[],
  audio: readonly FoundFile[],
): { videos: FoundVideo[]; unmatched: FoundFile[] } {
  const found = new Map(videos.map((video) => [video, new Map<string, FoundTrack>()]));
  const unmatched: FoundFile[] = [];
  for (const file of audio) {
    const match = videoOf(file, videos);
    const tracks = match && found.get(match.video);
    const tag = match && canonical(match.track.language);
    if (!match || !tracks || !tag || tracks.has(tag)) unmatched.push(file);
    else tracks.set(tag, match.track);
  }
  return { videos: [...found].map(([file, tracks]) => ({ file, tracks: [...tracks.values()] })), unmatched };
}

/**
 * The longest name wins: `talk-2.de` belongs to `talk-2`. Of videos with one name it is the nearest, and none when two
 * are as near: a guess would be paid for.
 */
function videoOf(file: FoundFile, videos: readonly FoundFile[]): { video: FoundFile; track: FoundTrack } | null {
  const matches = videos.flatMap((video) => {
    const track = trackFor(video.stem, file);
    return track ? [{ video, track, length: video.stem.length, near: sharedFolders(video.folder, file.folder) }] : [];
  });
  const [best, next] = matches.sort((a, b) => b.length - a.length || b.near - a.near);
  if (best === undefined || (next?.length === best.length && next.near === best.near)) return null;
  return best;
}

function sharedFolders(one: string, other: string): number {
  const [a, b] = [one.split('/'), other.split('/')];
  const differs = a.findIndex((folder, index) => folder !== b[index]);
  return differs === -1 ? a.length : differs;
}

function trackFor(name: string, { path, folder, stem, extension }: FoundFile): FoundTrack | null {
  const slash = folder.lastIndexOf('/');
  const [parent, last] = [folder.slice(0, Math.max(0, slash)), folder.slice(slash + 1)];
  if (stem === name && canonical(last)) {
    return { language: last, path, template: `${parent}/{lang}/{name}${extension}` };
  }
  if (last === name && canonical(stem)) {
    return { language: stem, path, template: `${parent}/{name}/{lang}${extension}` };
  }
  const separator = SEPARATORS.find((each) => stem.startsWith(name + each));
  const language = separator === undefined ? '' : stem.slice(name.length + separator.length);
  if (separator === undefined || !canonical(language)) return null;
  return { language, path, template: `${folder}/{name}${separator}{lang}${extension}` };
}

/** The language's identity; `null` when the text is no language tag. */
export function canonical(tag: string): string | null {
  const reading = readLanguageTag(tag);
  return 'canonical' in reading ? reading.canonical : null;
}
