const encoder = new TextEncoder();
/** Needs no change, whatever else is asked: most names are such. */
const SAFE = /^[a-z0-9_-][a-z0-9._-]*[a-z0-9_-]$/i;
/** Names of devices on Windows, which looks at no ending and at no space before it. */
export const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(?=\s*(?:\.|$))/i;

/**
 * Text as one part of a path that every common file system takes: no reserved character or Windows device name, no
 * dot or space at the ends, composed Unicode, at most `maximumBytes` of UTF-8. A text that is too long is cut before its
 * extension and gets a mark of its own, so that two long texts that begin alike stay two names. Different texts may still
 * become one.
 */
export function safeFileName(text: string, maximumBytes = 200): string {
  if (text.length <= maximumBytes && SAFE.test(text) && !RESERVED.test(text)) return text;
  const clean = text
    .normalize('NFC')
    .replace(/[<>:"/\\|?*]|\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]|\p{Cs}/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, (ends) => '_'.repeat(ends.length));
  const cut = shortened(clean, maximumBytes).replace(/[\s.]+$/, '');
  return cut === '' ? '_' : cut.replace(RESERVED, '$1_');
}

/** Shorter than this there is no room for a mark. */
const SHORTEST_MARKED = 24;

function shortened(text: string, maximum: number): string {
  const bytes = text.length * 3 <= maximum ? 0 : encoder.encode(text).length;
  if (bytes <= maximum || maximum < SHORTEST_MARKED) return cutToBytes(text, maximum);
  const extension = /\.[a-z0-9]{1,5}$/i.exec(text)?.[0] ?? '';
  const mark = `~${markOf(text)}${extension}`;
  const stem = text.slice(0, text.length - extension.length);
  return `${cutToBytes(stem, maximum - mark.length).replace(/[\s.]+$/, '')}${mark}`;
}

/** FNV-1a in hexadecimal: the same for the same text on every machine; nothing that must resist anybody. */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

function cutToBytes(text: string, maximum: number): string {
  if (text.length * 3 <= maximum || encoder.encode(text).length <= maximum) return text;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > maximum) break;
    kept += character;
  }
  return kept;
}
