import { strayByte } from '../text/decode-text.js';
import type { Finding } from './manifest-issue.js';

/** What a file's first two bytes say: UTF-16 with either byte first, as decoding has left them. */
const UTF16_MARKS = ['\udcff\udcfe', '\udcfe\udcff'];

/** What is wrong with a text's encoding, and at which index. */
export interface EncodingFault {
  readonly index: number;
  readonly finding: Finding;
  /** Nothing of the text can be read. */
  readonly unreadable: boolean;
}

/** Text that is damaged would be sent to a provider, and paid, as it is. */
export function encodingFault(text: string): EncodingFault | null {
  if (isUtf16(text))
    return unreadable('the file is UTF-16, which Windows calls Unicode', 'the same file saved as UTF-8');
  if (isBinary(text)) {
    const what = isMedia(text) ? 'the file is a picture, a sound or a video' : 'the file is no text';
    return unreadable(what, 'a text file in UTF-8; videos and tracks are named in it');
  }
  const stray = strayByte(text);
  if (stray === null) return null;
  const message = `the file is not UTF-8: here is the byte 0x${stray.byte.toString(16)}`;
  const expected = 'the same file saved as UTF-8; Latin-1 and Windows-1252 are not';
  return { index: stray.index, finding: { code: 'ENCODING', message, expected }, unreadable: false };
}

function unreadable(message: string, expected: string): EncodingFault {
  return { index: 0, finding: { code: 'ENCODING', message, expected }, unreadable: true };
}

function isUtf16(text: string): boolean {
  return UTF16_MARKS.some((mark) => text.startsWith(mark)) || /^(?:[^\0]\0[^\0]\0|\0[^\0]\0[^\0])/.test(text);
}

/** How Matroska, RIFF, ID3, FLAC, Ogg and PNG files begin; an ISO base media file says `ftyp` behind a length. */
const MEDIA_MARKS = ['\x1aE\udcdf\udca3', 'RIFF', 'ID3', 'fLaC', 'OggS', '\udc89PNG'];

function isMedia(text: string): boolean {
  return text.startsWith('ftyp', 4) || MEDIA_MARKS.some((mark) => text.startsWith(mark));
}

/** Enough of a file to see what it is. */
const HEAD = 1_024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NO_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f]/g;
/** One such character is a slip in a text, whose place is shown; of a file that is none it is every tenth. */
const SLIPS_SHARE = 1 / 50;

/** Whether what begins like this is no text in any encoding of ours, and is not to be shown or read any further. */
export function isBinary(text: string): boolean {
  if (isUtf16(text)) return false;
  const head = text.slice(0, HEAD);
  const strange = head.match(NO_TEXT)?.length ?? 0;
  return strange > 0 && (isMedia(text) || strange > head.length * SLIPS_SHARE);
}
