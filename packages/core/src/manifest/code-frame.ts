import { maskSecrets } from '../text/mask-secrets.js';
import type { Span } from './manifest-issue.js';

const WIDTH = 110;
/** How far before and behind the place is looked for secrets: more than any is long, and little for a line of megabytes. */
const AROUND = 20_000;

export interface FramePaint {
  dim(text: string): string;
  red(text: string): string;
}

/**
 * A source line with a caret below the place. A key that stands in the file must not reach a terminal or a log: the
 * given secret spans, and whatever looks like one, are shown as stars.
 */
export function codeFrame(line: string, span: Span, secrets: readonly Span[], paint: FramePaint): string {
  const place = Math.min(span.column - 1, line.length);
  const length = Math.max(1, Math.min(span.length, line.length - place));
  const skipped = Math.max(0, place - AROUND);
  const start = place - skipped;
  const shown = maskSecrets(secrets.reduce(hide, line).slice(skipped, place + AROUND));
  // A long line is cut so that the place stays in sight.
  const from = start + Math.min(length, 20) > WIDTH ? start - 20 : 0;
  const before = `${skipped + from > 0 ? '…' : ''}${clean(shown.slice(from, start))}`;
  const rest = clean(shown.slice(start, from + WIDTH)) + (shown.length > from + WIDTH ? '…' : '');
  const indent = displayWidth(before);
  const marked = displayWidth(clean(shown.slice(start, start + length)));
  const carets = '^'.repeat(Math.max(1, Math.min(marked, WIDTH - indent)));
  const gutter = `${span.line}`;
  const source = `${paint.dim(`  ${gutter} |`)} ${before}${rest}`.trimEnd();
  return `${source}\n${paint.dim(`  ${' '.repeat(gutter.length)} |`)} ${' '.repeat(indent)}${paint.red(carets)}`;
}

function hide(line: string, secret: Span): string {
  const start = secret.column - 1;
  const end = start + secret.length;
  return line.slice(0, start) + '*'.repeat(line.slice(start, end).length) + line.slice(end);
}

function clean(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '�');
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a text takes in a terminal: East Asian wide characters take two, marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
