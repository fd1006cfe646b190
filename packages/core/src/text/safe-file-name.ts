const encoder = new TextEncoder();
/** Needs no change, whatever else is asked: most names are such. */
const SAFE = /^[a-z0-9_-][a-z0-9._-]*[a-z0-9_-]$/i;
const RESERVED = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?=\.|$)/i;

/**
 * Text as one part of a path that every common file system takes: no reserved character or Windows device name, no
 * dot or space at the ends, composed Unicode, at most `maximumBytes` of UTF-8. Different texts may become one.
 */
export function safeFileName(text: string, maximumBytes = 200): string {
  if (text.length <= maximumBytes && SAFE.test(text) && !RESERVED.test(text)) return text;
  const clean = text
    .normalize('NFC')
    .replace(/[<>:"/\\|?*]|\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]|\p{Cs}/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, (ends) => '_'.repeat(ends.length));
  const cut = cutToBytes(clean, maximumBytes).replace(/[\s.]+$/, '');
  return cut === '' ? '_' : cut.replace(RESERVED, '$1_');
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
