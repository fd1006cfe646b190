import { linesOf, TIMES } from './parse-vtt.js';

/** Times that no player reads, and the cue is left out: the line, counted from 1, and what it should be. */
export interface MistypedTimes {
  readonly line: number;
  /** `null` where that can't be told. */
  readonly right: string | null;
}

/**
 * The first line of a WebVTT file that was meant to be the times of a cue and is not. The standard drops a block without
 * proper times, so such a line may stand wherever times may: first in a block, second after a cue's name, or anywhere in the
 * header. In the text of a cue only what can be nothing but times with another arrow counts.
 */
export function mistypedTimes(text: string): MistypedTimes | null {
  const lines = linesOf(text);
  let from = 1;
  let isHeader = true;
  for (let at = 1; at <= lines.length; at += 1) {
    if (at < lines.length && lines[at] !== '') continue;
    const found = mistypedIn(lines.slice(from, at), isHeader);
    if (found !== null) return { line: from + found + 1, right: corrected(lines[from + found] ?? '') };
    from = at + 1;
    isHeader = false;
  }
  return null;
}

/** @returns the index of the line in its block; `null`: all is well */
function mistypedIn(block: readonly string[], isHeader: boolean): number | null {
  if (!isHeader && /^NOTE(?:[ \t]|$)/.test(block[0] ?? '')) return null;
  // Each arrow begins a cue, whatever was before it.
  const arrows = block.flatMap((line, at) => (line.includes('-->') ? [at] : []));
  const bad = arrows.find((at) => !TIMES.test(block[at] ?? ''));
  const first = arrows[0] ?? block.length;
  // One line before the first arrow is the name of its cue.
  const loose = isHeader ? first : Math.min(first === 1 ? 0 : first, 2);
  const suspect = block.findIndex((line, at) => (at < loose ? MEANT.test(plain(line)) : isOtherArrow(line)));
  if (suspect === -1) return bad ?? null;
  return bad === undefined ? suspect : Math.min(bad, suspect);
}

/** Two or more numbers parted by colons, and maybe a fraction. */
const TIME = '\\d{1,3}(?:[:.]\\d{1,2}){0,2}:\\d{1,2}(?:[.,;:]\\d{1,4})?';
/** One time alone, or two with no word between them. */
const MEANT = new RegExp(`^[^\\p{L}\\d]*${TIME}(?:[^\\p{L}\\d]*|[^\\p{L}\\d]+${TIME}(?:\\s.*)?)$`, 'u');

const WHOLE = '(?:\\d+:)?\\d{2}:\\d{2}[.,]\\d{3}';
const PAIR = new RegExp(`^[^\\p{L}\\d]*(${WHOLE})[^\\p{L}\\d]+(${WHOLE})(?:\\s.*)?$`, 'u');

function isOtherArrow(line: string): boolean {
  return !line.includes('-->') && PAIR.test(plain(line));
}

function corrected(line: string): string | null {
  const [, start, end] = PAIR.exec(plain(line)) ?? [];
  const right = `${start} --> ${end}`.replaceAll(',', '.');
  return TIMES.test(right) ? right : null;
}

/** An editor for web pages may have written its signs so. */
function plain(line: string): string {
  return line.replace(/&[gl]t;/g, '>');
}
