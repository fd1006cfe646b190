import { percentDecoded } from '../text/percent-decoded.js';

/** Paths with `/` between folders, so that patterns mean the same on every system. */
export function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

/** The last part of a path or URL without its extension: `./media/keynote.v2.mp4` -> `keynote.v2`. */
export function fileStem(path: string): string {
  const bare = /^https?:\/\//i.test(path) ? percentDecoded(new URL(path).pathname) : slashed(path);
  const name = bare.slice(bare.lastIndexOf('/') + 1);
  return name.replace(/(?<=.)\.[^.]*$/, '').normalize('NFC');
}

/**
 * A path that is written in a file of some folder, as seen from where that folder's name is seen: `../` and
 * `./out` make `../out`, `batches/` and `../shared.yaml` make `shared.yaml`. An absolute path stays as it is.
 * @param folder empty, or with a `/` at its end
 */
export function pathBeside(folder: string, written: string): string {
  if (/^([/\\]|[A-Za-z]:)/.test(written)) return written;
  const steps: string[] = [];
  const absolute = folder.startsWith('/') ? '/' : '';
  for (const step of `${slashed(folder)}${slashed(written)}`.slice(absolute.length).split('/')) {
    const up = step === '..' && steps.length > 0 && steps.at(-1) !== '..';
    if (up) steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return `${absolute}${steps.join('/')}`;
}

/** The folder part of a path with its `/`; empty where there is none. */
export function folderOf(path: string): string {
  return slashed(path).replace(/[^/]*$/, '');
}
