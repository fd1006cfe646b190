import { stripVTControlCharacters } from 'node:util';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** What is cut off is seen to be. */
export function cut(line: string, columns: number): string {
  return stringWidth(line) <= columns ? line : `${sliceAnsi(line, 0, columns - 1)}…`;
}

/** How much further in the rest of a broken line stands. */
const HANGING = 4;

/** A line, colours and all, broken at spaces so that none is wider; a longer word is broken where it has to be. */
export function broken(line: string, columns: number): string[] {
  const plain = stripVTControlCharacters(line);
  const width = stringWidth(plain);
  const indent = plain.search(/\S|$/);
  const hanging = Math.min(indent + HANGING, Math.floor(columns / 2));
  const pieces: string[] = [];
  for (let from = 0; from < width; ) {
    const before = pieces.length === 0 ? 0 : hanging;
    const room = sliceAnsi(plain, from, from + columns - before);
    const atSpace =
      from + stringWidth(room) < width ? spaceIn(plain, { from, room, after: before === 0 ? indent : 0 }) : null;
    const to = from + (atSpace ?? stringWidth(room));
    pieces.push(`${' '.repeat(before)}${sliceAnsi(line, from, to).trimEnd()}`);
    from = to + spacesAt(plain, to);
  }
  return pieces.length === 0 ? [line] : pieces;
}

/** How wide a piece is up to its last space; `null` where it has none, and does not end where a space follows. */
function spaceIn(plain: string, { from, room, after }: { from: number; room: string; after: number }): number | null {
  if (spacesAt(plain, from + stringWidth(room)) > 0) return null;
  const index = room.lastIndexOf(' ');
  return index > after ? stringWidth(room.slice(0, index)) : null;
}

function spacesAt(plain: string, column: number): number {
  return sliceAnsi(plain, column).search(/[^ ]|$/);
}

/** The first lines, and how many more there are, where they would be more than the rows of a terminal. */
export function fitRows(lines: readonly string[], rows: number, more: (hidden: number) => string): readonly string[] {
  const hidden = lines.length - rows;
  return hidden <= 0 ? lines : [...lines.slice(0, rows - 1), more(hidden + 1)];
}
