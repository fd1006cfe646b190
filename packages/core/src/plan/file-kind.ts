import { ownValue } from '../text/own-value.js';
import { orList } from '../text/words.js';
import type { AssetSource } from './plan.js';

/** Containers that a file's name promises. Kinds that every tool takes for one another stand together. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  mp4: ['mp4', 'm4a', 'mov'],
  m4v: ['mp4', 'mov'],
  mov: ['mov', 'mp4'],
  m4a: ['m4a', 'mp4', 'mov'],
  webm: ['webm', 'matroska'],
  mkv: ['matroska', 'webm'],
  mp3: ['mp3'],
  wav: ['wav'],
  aac: ['adts'],
  flac: ['flac'],
  ts: ['mpegts'],
  ogg: ['ogg'],
  opus: ['ogg'],
  png: ['png'],
  jpg: ['jpeg'],
  jpeg: ['jpeg'],
  gif: ['gif'],
  webp: ['webp'],
};

/**
 * Says when a file is not what its name says: uploads are labelled by the name, and a provider that trusts it fails on
 * the contents, perhaps after it has charged; so does one that fetches a URL. A name without a known ending promises
 * nothing.
 */
export function nameFault(source: AssetSource, container: string): { message: string; expected: string } | null {
  const ending = /\.([^./\\]+)$/.exec(pathOf(source))?.[1]?.toLowerCase() ?? '';
  const promised = ownValue(PROMISED, ending);
  if (promised === undefined || promised.includes(container)) return null;
  const right = Object.keys(PROMISED).filter((other) => PROMISED[other]?.[0] === container);
  return {
    message: `is ${container} inside, whatever its name says`,
    expected: `${right.length === 0 ? 'its right ending' : `the ending ${orList(right.map((each) => `.${each}`))}`}, or a file that is ${ending}`,
  };
}

/** The ending of most files of a container. */
export function endingOf(container: string): string {
  return Object.keys(PROMISED).find((ending) => PROMISED[ending]?.[0] === container) ?? container;
}

function pathOf(source: AssetSource): string {
  if (source.kind === 'file') return source.path;
  return URL.canParse(source.url) ? new URL(source.url).pathname : '';
}
