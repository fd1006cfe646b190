import { namesOfLanguage, readLanguageTag } from '@localize/core';
import type { FoundFile } from './find-media.js';

/** The audio of one video in one language, by the names of its files. */
export type FoundTrack = OneVoice | TwoVoices;

interface OneVoice {
  /** As the file spells it; `pt-BR` where it says `pt_br`, which is no tag. */
  readonly language: string;
  /** What stands for it in the file's path. */
  readonly named: string;
  readonly path: string;
  /** The file's path with `{lang}` and `{name}` in the places of both. */
  readonly template: string;
}

/** Two speakers, each with a file. */
export interface TwoVoices {
  readonly language: string;
  readonly left: string;
  readonly right: string;
}

export function isTwoVoices(track: FoundTrack): track is TwoVoices {
  return 'left' in track;
}

export interface FoundVideo {
  readonly file: FoundFile;
  /** By language; the first file of each wins. */
  readonly tracks: readonly FoundTrack[];
}

const SEPARATORS = ['.', '_', '-'];

/**
 * Finds the video that each audio file belongs to, in the usual layouts: `{lang}/{name}.mp3`, `{name}/{lang}.mp3`,
 * `{name}.{lang}.mp3` with a dot, a dash or an underscore. Two files that end in `left` and `right` are two voices.
 * @returns also the audio that belongs to none, or to a language that a video has already
 */
export function matchAudio(
  videos: readonly FoundFile[],
  audio: readonly FoundFile[],
): { videos: FoundVideo[]; unmatched: FoundFile[] } {
  const found = new Map(videos.map((video) => [video, new Map<string, FoundTrack>()]));
  const unmatched: FoundFile[] = [];
  const take = (match: Match | null, track: FoundTrack | undefined): boolean => {
    const tracks = match && found.get(match.video);
    const tag = match && canonical(match.track.language);
    if (!tracks || !tag || !track || tracks.has(tag)) return false;
    tracks.set(tag, track);
    return true;
  };
  const sides: FoundFile[] = [];
  for (const file of audio) {
    const match = videoOf(file, videos);
    if (match === null && sideOf(file) !== null) sides.push(file);
    else if (!take(match, match?.track)) unmatched.push(file);
  }
  for (const { left, right } of pairs(sides)) {
    const match = left && right ? videoOf(withoutSide(left), videos) : null;
    const pair = match && left && right && { language: match.track.language, left: left.path, right: right.path };
    if (!take(match, pair ?? undefined)) unmatched.push(...[left, right].flatMap((file) => file ?? []));
  }
  return { videos: [...found].map(([file, tracks]) => ({ file, tracks: [...tracks.values()] })), unmatched };
}

export interface Match {
  readonly video: FoundFile;
  readonly track: OneVoice;
}

const SIDE = /[._-](left|right)$/i;

function sideOf({ stem }: FoundFile): 'left' | 'right' | null {
  const side = SIDE.exec(stem)?.[1]?.toLowerCase();
  return side === 'left' || side === 'right' ? side : null;
}

function withoutSide(file: FoundFile): FoundFile {
  return { ...file, stem: file.stem.replace(SIDE, '') };
}

interface Pair {
  left?: FoundFile;
  right?: FoundFile;
}

/** Files of one name but for the side; a side may be missing. */
function pairs(files: readonly FoundFile[]): Pair[] {
  const byName = new Map<string, Pair>();
  for (const file of files) {
    const name = `${file.folder}/${withoutSide(file).stem}`;
    const side = sideOf(file);
    if (side !== null) byName.set(name, { ...byName.get(name), [side]: file });
  }
  return [...byName.values()];
}

function videoOf(file: FoundFile, videos: readonly FoundFile[]): Match | null {
  const [best, rival] = bestMatches(file, videos);
  return best === undefined || rival !== undefined ? null : best;
}

/**
 * The longest name wins: `talk-2.de` belongs to `talk-2`. Of videos with one name it is the nearest; several when they are
 * as near, and then the file belongs to none of them: a guess would be paid for.
 */
function bestMatches(file: FoundFile, videos: readonly FoundFile[]): Match[] {
  const matches = videos.flatMap((video) => {
    const track = trackFor(video.stem, file);
    return track ? [{ video, track, length: video.stem.length, near: sharedFolders(video.folder, file.folder) }] : [];
  });
  const [best] = matches.sort((a, b) => b.length - a.length || b.near - a.near);
  return matches.filter(({ length, near }) => length === best?.length && near === best.near);
}

/** The video and language that an audio file, one speaker's too, is named after. */
export function meantBy(file: FoundFile, videos: readonly FoundFile[]): Match | null {
  return videoOf(file, videos) ?? videoOf(withoutSide(file), videos);
}

/** The videos among which it cannot be told whose an audio file is; empty when there is no such doubt. */
export function rivalsFor(file: FoundFile, videos: readonly FoundFile[]): FoundFile[] {
  const own = bestMatches(file, videos);
  const matches = own.length > 0 ? own : bestMatches(withoutSide(file), videos);
  return matches.length > 1 ? matches.map(({ video }) => video) : [];
}

function sharedFolders(one: string, other: string): number {
  const [a, b] = [one.split('/'), other.split('/')];
  const differs = a.findIndex((folder, index) => folder !== b[index]);
  return differs === -1 ? a.length : differs;
}

function trackFor(name: string, { path, folder, stem, extension }: FoundFile): OneVoice | null {
  const slash = folder.lastIndexOf('/');
  const [parent, last] = [folder.slice(0, Math.max(0, slash)), folder.slice(slash + 1)];
  const track = (named: string, template: string): OneVoice | null => {
    const language = tagOf(named);
    return language === null ? null : { language, named, path, template };
  };
  if (stem === name && tagOf(last) !== null) return track(last, `${parent}/{lang}/{name}${extension}`);
  if (last.normalize('NFC') === name && tagOf(stem) !== null) return track(stem, `${parent}/{name}/{lang}${extension}`);
  const separator = SEPARATORS.find((each) => stem.startsWith(name + each));
  if (separator === undefined) return null;
  return track(stem.slice(name.length + separator.length), `${folder}/{name}${separator}{lang}${extension}`);
}

/** The language tag that a name has, or that is meant where it has `_` for `-`; `null` where it is none. */
export function tagOf(named: string): string | null {
  return canonical(named) === null ? canonical(named.replaceAll('_', '-')) : named;
}

/**
 * Why a file that is named after a video is no track of it, where what stands in a language's place, its name's end or its
 * folder, is nearly one.
 */
export function languageSlip(
  file: FoundFile,
  videos: readonly FoundFile[],
): { language: string; problem: string; expected: string } | null {
  const language = placeOfLanguage(file, videos);
  const reading = language === null ? null : readLanguageTag(language);
  if (language === null || reading === null || 'canonical' in reading) return null;
  const isLikeTag = /^[a-z]{2,3}([-_][a-z0-9]+)*$/i.test(language);
  return isLikeTag || isLikeName(language, reading.expected) ? { language, ...reading } : null;
}

function placeOfLanguage({ folder, stem }: FoundFile, videos: readonly FoundFile[]): string | null {
  const last = folder.slice(folder.lastIndexOf('/') + 1);
  if (videos.some((video) => video.stem === stem)) return last;
  if (videos.some((video) => video.stem === last.normalize('NFC'))) return stem;
  const names = videos.flatMap((video) => SEPARATORS.map((separator) => video.stem + separator));
  const [longest] = names.filter((name) => stem.startsWith(name)).sort((a, b) => b.length - a.length);
  return longest === undefined ? null : stem.slice(longest.length);
}

/** Any word resembles some language's name: `main` is nearly Manx. One that is meant for it begins like it. */
function isLikeName(word: string, tag: string): boolean {
  const start = word.slice(0, 3).toLowerCase();
  return canonical(tag) !== null && namesOfLanguage(tag).some((name) => name.toLowerCase().startsWith(start));
}

/** The language's identity; `null` when the text is no language tag. */
export function canonical(tag: string): string | null {
  const reading = readLanguageTag(tag);
  return 'canonical' in reading ? reading.canonical : null;
}
