import { plainText } from './plain-text.js';

/** One subtitle: times are whole milliseconds, the text has no markup and at least one letter. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Whether a text is WebVTT at all; a byte order mark may come first. */
export function isVtt(text: string): boolean {
  return /^\ufeff?WEBVTT(?=[ \t\r\n]|$)/.test(text);
}

const TIMESTAMP = '(?:(\\d+):)?([0-5]\\d):([0-5]\\d)\\.(\\d{3})';
/** What the standard takes for the times of a cue. */
export const TIMES = new RegExp(`^[ \\t\\f]*${TIMESTAMP}[ \\t\\f]*-->[ \\t\\f]*${TIMESTAMP}(?:[ \\t\\f]|$)`);

export function linesOf(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').split('\n');
}

/**
 * The cues of a WebVTT file in their order. Comments, styles, regions and places on the picture are left out, and with them
 * cues that show nothing: without a text, or with an end that is not after their start.
 */
export function parseVtt(text: string): Cue[] {
  const lines = linesOf(text);
  const cues: Cue[] = [];
  for (const [at, line] of lines.entries()) {
    const times = TIMES.exec(line);
    if (times === null) continue;
    const startMs = toMs(times.slice(1, 5));
    const endMs = toMs(times.slice(5, 9));
    const shown = plainText(payloadAt(lines, at + 1));
    if (endMs > startMs && shown !== '') cues.push({ startMs, endMs, text: shown });
  }
  return cues;
}

/** The first cue that ends before it begins, as a line counted from 1: what it says would never be seen. */
export function backwardLine(text: string): number | null {
  const at = linesOf(text).findIndex((line) => {
    const times = TIMES.exec(line);
    return times !== null && toMs(times.slice(5, 9)) < toMs(times.slice(1, 5));
  });
  return at === -1 ? null : at + 1;
}

/** Up to an empty line, or to times that begin a cue without one. */
function payloadAt(lines: readonly string[], from: number): string {
  let to = from;
  while (to < lines.length && lines[to] !== '' && !lines[to]?.includes('-->')) to += 1;
  return lines.slice(from, to).join('\n');
}

function toMs([hours, minutes, seconds, milliseconds]: readonly (string | undefined)[]): number {
  const whole = (Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number(milliseconds);
}
