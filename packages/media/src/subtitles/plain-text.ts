/** The readings beside ruby text: without their place they would be read as a part of it. */
const READING = /<rt(?:[ \t\n.][^>]*)?>[\s\S]*?(?:<\/rt[^>]*>|<\/ruby[^>]*>|$)/g;

/** Voices, classes, languages, styles and times. One that is not closed goes on to the end. */
const TAG = /<[^>]*(?:>|$)/g;

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]+));/g;

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

/** What a cue of WebVTT shows, without markup, empty lines and the space around lines. */
export function plainText(payload: string): string {
  return payload
    .replace(READING, '')
    .replace(TAG, '')
    .replace(REFERENCE, (whole, decimal: string, hex: string, name: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      return characterOf(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
    })
    .replaceAll('\0', '\ufffd')
    .split('\n')
    .map((line) => line.replace(/^[ \t\f]+|[ \t\f]+$/g, ''))
    .filter((line) => line !== '')
    .join('\n');
}

/** As HTML has it: what is no character is the one that stands for that. */
function characterOf(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}
