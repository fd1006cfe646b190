import { box, boxesIn } from './boxes.js';

/** `elng`: the whole language tag, where `mdhd` has three letters (ISO/IEC 14496-12, 8.4.6). */
export function extendedLanguage(tag: string): Buffer {
  return box('elng', Buffer.alloc(4), Buffer.from(`${tag}\0`));
}

const ABOVE_LANGUAGES = new Set(['moov', 'trak', 'mdia']);

/**
 * An index in which every track has its whole language tag.
 * @param content the whole `moov` box
 * @returns `null` where it is no row of boxes
 */
export function withLanguages(content: Buffer, tag: string): Buffer | null {
  const parts = inside(content, 0, content.length, extendedLanguage(tag));
  return parts && Buffer.concat(parts);
}

function inside(content: Buffer, from: number, to: number, language: Buffer): Buffer[] | null {
  const boxes = boxesIn(content, from, to);
  if (boxes === null) return null;
  const made: Buffer[] = [];
  for (const { type, at, start, end } of boxes) {
    if (ABOVE_LANGUAGES.has(type)) {
      const parts = inside(content, start, end, language);
      if (parts === null) return null;
      made.push(box(type, ...parts));
    } else {
      made.push(content.subarray(at, end));
      if (type === 'mdhd') made.push(language);
    }
  }
  return made;
}
