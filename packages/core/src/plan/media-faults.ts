import type { ExpandedAsset } from '../manifest/expanded.js';
import type { Finding } from '../manifest/manifest-issue.js';
import { nameFault } from './file-kind.js';
import type { AssetRole } from './list-assets.js';
import type { AssetMedia, MediaFactsLike } from './media-facts.js';

/** What is wrong with, or worth saying of, a file that the manifest names. */
export interface MediaFinding {
  readonly asset: ExpandedAsset;
  readonly finding: Finding;
}

/** A file of a job, and what a look at it has shown; `undefined` where nobody looked. */
export interface SeenAsset {
  readonly role: AssetRole;
  readonly asset: ExpandedAsset;
  readonly seen: AssetMedia | undefined;
}

/** What is wrong with the files of one job, so that it cannot be made; nothing of a file that nobody has looked at. */
export function mediaFaults(assets: readonly SeenAsset[]): readonly MediaFinding[] {
  const faults: MediaFinding[] = [];
  for (const { role, asset, seen } of assets) {
    const finding = findingOf(asset, seen, FAULT_IN[role]);
    if (finding !== null) faults.push({ asset, finding });
  }
  return faults;
}

type Fault = Omit<Finding, 'code'>;

type FaultIn = (facts: MediaFactsLike) => Fault | null;

const noFault: FaultIn = () => null;

/** What is wrong with a file that can be read, by what it is used as. */
const FAULT_IN: Readonly<Record<AssetRole, FaultIn>> = {
  video: videoFault,
  audio: audioFault,
  mask: noFault,
  subtitles: noFault,
};

function findingOf(asset: ExpandedAsset, seen: AssetMedia | undefined, faultIn: FaultIn): Finding | null {
  if (seen === undefined) return null;
  if ('error' in seen) {
    const finding = errorFinding(asset, seen.error);
    return seen.error.isFolder ? { ...finding, expected: inFolder(asset, faultIn === videoFault) } : finding;
  }
  const fault = faultIn(seen.facts) ?? nameFault(asset.source, seen.facts.container);
  return fault && { code: 'MEDIA', message: `${asset.written} ${fault.message}`, expected: fault.expected };
}

type MediaErrorLike = Extract<AssetMedia, { error: unknown }>['error'];

/** Another path as the manifest would write it, where it begins at the same folder. */
function writtenAs(other: string, written: string, path: string): string {
  const [prefix = '', tail = ''] = written.startsWith('./') ? ['./', written.slice(2)] : ['', written];
  const start = path.endsWith(tail) ? path.slice(0, path.length - tail.length) : null;
  return start !== null && other.startsWith(start) ? prefix + other.slice(start.length) : other;
}

/** A code that ends in MISSING says that the file is not there. */
function errorFinding(asset: ExpandedAsset, error: MediaErrorLike): Finding {
  if (/MISSING$|^ENOENT$/.test(error.code)) {
    const path = asset.source.kind === 'file' ? asset.source.path : asset.source.url;
    const where = path === asset.written ? '' : `looked at ${path}`;
    const { nearest, linkTo } = error;
    if (linkTo !== undefined) {
      return {
        code: 'FILE_MISSING',
        message: `${asset.written} is a link to ${linkTo}, where nothing is`,
        expected: 'a file there',
      };
    }
    const wanted = nearest === undefined ? 'a file' : `did you mean ${writtenAs(nearest, asset.written, path)}?`;
    const expected = [wanted, where].filter(Boolean).join(nearest === undefined ? '; ' : ' ');
    return { code: 'FILE_MISSING', message: `${asset.written} is not there`, expected };
  }
  return { code: 'MEDIA', message: error.message };
}

/** What is named was most likely all that is in the folder, which a pattern says for videos alone. */
function inFolder({ written }: ExpandedAsset, isVideo: boolean): string {
  const folder = written.replace(/\/+$/, '');
  return isVideo ? `a video in it, or \`from: ${folder}/*.mp4\` instead of \`source\` for all of them` : 'a file in it';
}

function videoFault(facts: MediaFactsLike): Fault | null {
  if (facts.video === null) return { message: 'has no picture', expected: 'a video' };
  return facts.durationMs <= 0 ? { message: 'is 0 s long', expected: 'a video with a length' } : null;
}

function audioFault(facts: MediaFactsLike): Fault | null {
  if (facts.audio === null) return { message: 'has no sound', expected: 'an audio file' };
  if ((facts.audioDurationMs ?? facts.durationMs) <= 0) {
    return { message: 'is 0 s long', expected: 'audio with a length' };
  }
  if (facts.silent === true) return { message: 'is silent from its beginning to its end', expected: 'a voice' };
  return null;
}
