import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import type { TextSink } from '../definitions.js';
import { asStream } from './as-stream.js';
import { cut } from './fit-lines.js';
import { withWrite } from './with-write.js';

/** The lowest lines of a terminal, drawn over again and again, below lines that stay. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
  /** A line above, which stays. */
  persist(line: string): void;
  /** Takes the moving lines away. */
  clear(): void;
  /** Leaves what is drawn, and gives the cursor back. */
  end(): void;
}

const ERASE_LINE_ABOVE = '\u001b[1A\u001b[2K';

/** Between two frames that are one: a terminal must not show what is only cleared. */
const FRAME_SEAM = '\u001b[?2026l\u001b[?2026h';

/**
 * Draws no line wider than the terminal. A terminal that has become narrower has broken the lines that are drawn into
 * more rows than were written, so these are taken away by what they take now. With any change all lines are drawn anew:
 * a key that is typed moves the cursor, after which a line that was left as it was would be lost.
 */
export function createLiveScreen(sink: TextSink): LiveScreen {
  const written: string[] = [];
  const held = withWrite(sink, (text) => void written.push(text));
  const screen = createLogUpdate(asStream(held));
  let drawn: readonly string[] = [];
  let hasCursor = false;
  let drawnWidth = sink.columns;

  /** At once, so that nothing is seen half done. */
  function flush(): void {
    const text = written.splice(0).join('').replaceAll(FRAME_SEAM, '');
    if (text !== '') sink.write(text);
  }

  function forgetBrokenRows(): void {
    const width = sink.columns;
    const extra = drawn.reduce((rows, line) => rows + Math.max(0, Math.ceil(stringWidth(line) / width) - 1), 0);
    if (width < drawnWidth && extra > 0) {
      screen.clear();
      held.write(ERASE_LINE_ABOVE.repeat(extra));
    }
    drawnWidth = width;
  }

  return {
    draw: (lines) => {
      forgetBrokenRows();
      // The last column stays free: some terminals break a line that fills it.
      const next = lines.map((line) => cut(line, Math.max(1, sink.columns - 1)));
      if (next.join('\n') !== drawn.join('\n')) screen.clear();
      drawn = next;
      hasCursor = true;
      screen(drawn.join('\n'));
      flush();
    },
    persist: (line) => {
      forgetBrokenRows();
      drawn = [];
      screen.persist(line);
      flush();
    },
    clear: () => {
      forgetBrokenRows();
      drawn = [];
      screen.clear();
      flush();
    },
    end: () => {
      // The cursor was never taken where nothing was drawn.
      if (hasCursor) screen.done();
      hasCursor = false;
    },
  };
}
