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
  if (UTF16_MARKS.some((mark) => text.startsWith(mark)) || text.slice(0, 4).includes('\0')) {
    const message = 'the file is UTF-16, which Windows calls Unicode';
    return {
      index: 0,
      finding: { code: 'ENCODING', message, expected: 'the same file saved as UTF-8' },
      unreadable: true,
    };
  }
  const stray = strayByte(text);
  if (stray === null) return null;
  const message = `the file is not UTF-8: here is the byte 0x${stray.byte.toString(16)}`;
  const expected = 'the same file saved as UTF-8; Latin-1 and Windows-1252 are not';
  return { index: stray.index, finding: { code: 'ENCODING', message, expected }, unreadable: false };
}
