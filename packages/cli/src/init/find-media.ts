import { realpathSync } from 'node:fs';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { globSync } from 'tinyglobby';

export const VIDEO = ['mp4', 'mov', 'm4v', 'webm', 'mkv'];
export const AUDIO = ['mp3', 'wav', 'm4a', 'aac', 'ogg', 'opus', 'flac'];

/** A media file as a manifest beside `base` names it, taken apart. */
export interface FoundFile {
  /** Relative to the manifest, with `/` and a leading `./` or `../`. */
  readonly path: string;
  readonly folder: string;
  /** Name without folder and extension, its letters composed: some disks and archives take accents apart. */
  readonly stem: string;
  /** With its dot. */
  readonly extension: string;
}

/** Videos and audio below a folder, in the order of their names; our own outputs and hidden folders are left out. */
export function findMedia(media: string, base: string): { videos: FoundFile[]; audio: FoundFile[] } {
  const ending = (extensions: readonly string[]) => list(`**/*.{${extensions.join(',')}}`, media, base);
  return { videos: ending(VIDEO), audio: ending(AUDIO) };
}

/** Files there that {@link findMedia} takes for nothing. */
export function otherFiles(media: string, base: string): FoundFile[] {
  const known = new Set([...VIDEO, ...AUDIO].map((extension) => `.${extension}`));
  return list('**/*', media, base).filter(({ extension }) => !known.has(extension.toLowerCase()));
}

function list(pattern: string, media: string, base: string): FoundFile[] {
  const found = globSync(pattern, {
    cwd: media,
    absolute: true,
    caseSensitiveMatch: false,
    ignore: ['**/node_modules/**', '**/localized/**'],
  });
  return eachOnce(found)
    .map((path) => fileAt(relative(base, path)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A link to a folder that is looked through itself shows its files a second time. */
function eachOnce(paths: readonly string[]): string[] {
  const folders = new Map<string, string>();
  const realFolder = (folder: string) => {
    const real = folders.get(folder) ?? realpathSync(folder);
    folders.set(folder, real);
    return real;
  };
  const known = new Set(paths.map((path) => resolve(path)));
  return paths.filter((path) => {
    const there = resolve(path);
    const real = join(realFolder(dirname(there)), basename(there));
    return real === there || !known.has(real);
  });
}

/** @param path relative to the manifest */
export function fileAt(path: string): FoundFile {
  const slashed = path.split(sep).join('/');
  const written = slashed.startsWith('../') ? slashed : `./${slashed}`;
  const { dir, name, ext } = posix.parse(written);
  return { path: written, folder: dir, stem: name.normalize('NFC'), extension: ext };
}
