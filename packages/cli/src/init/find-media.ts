import { posix, relative, sep } from 'node:path';
import { globSync } from 'tinyglobby';

const VIDEO = ['mp4', 'mov', 'm4v', 'webm', 'mkv'];
const AUDIO = ['mp3', 'wav', 'm4a', 'aac', 'ogg', 'opus', 'flac'];

/** A media file as a manifest beside `base` names it, taken apart. */
export interface FoundFile {
  /** Relative to the manifest, with `/` and a leading `./` or `../`. */
  readonly path: string;
  readonly folder: string;
  /** Name without folder and extension. */
  readonly stem: string;
  /** With its dot. */
  readonly extension: string;
}

/** Videos and audio below a folder, in the order of their names; our own outputs and hidden folders are left out. */
export function findMedia(media: string, base: string): { videos: FoundFile[]; audio: FoundFile[] } {
  const list = (extensions: readonly string[]) =>
    globSync(`**/*.{${extensions.join(',')}}`, {
      cwd: media,
      absolute: true,
      caseSensitiveMatch: false,
      ignore: ['**/node_modules/**', '**/localized/**'],
    })
      .map((path) => fileAt(relative(base, path)))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { videos: list(VIDEO), audio: list(AUDIO) };
}

/** @param path relative to the manifest */
export function fileAt(path: string): FoundFile {
  const slashed = path.split(sep).join('/');
  const written = slashed.startsWith('../') ? slashed : `./${slashed}`;
  const { dir, name, ext } = posix.parse(written);
  return { path: written, folder: dir, stem: name, extension: ext };
}
