/**
 * A byte that is no UTF-8 becomes the lone surrogate U+DC00 + byte, as Python's `surrogateescape` does: no valid text has
 * one, so it can be found again, with its place, wherever the text is read.
 */
const ESCAPE = 0xdc00;
const STRAY = /[\udc80-\udcff]/u;

/**
 * Turns a file's bytes into text, without the mark that some editors put first: it would shift the columns of the first
 * line. Never throws: {@link strayByte} finds what was no UTF-8.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decoded(bytes);
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return strict(bytes);
  } catch {
    return escaped(bytes);
  }
}

/** The first byte of a decoded text that was no UTF-8, with its index in the text; `null` where all of it was. */
export function strayByte(text: string): { readonly index: number; readonly byte: number } | null {
  const index = text.search(STRAY);
  return index === -1 ? null : { index, byte: text.charCodeAt(index) - ESCAPE };
}

function strict(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function escaped(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    parts.push(length === 0 ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0)) : strict(bytes.subarray(at, at + length)));
    at += Math.max(1, length);
  }
  return parts.join('');
}

/** Bytes of the character that begins at a place; 0 where none does. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  try {
    strict(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
