import { createLogUpdate } from 'log-update';
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';
import type { TextSink } from '../definitions.js';
import { asStream } from './as-stream.js';

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

/** What is cut off is seen to be. */
function cut(line: string, columns: number): string {
  return stringWidth(line) <= columns ? line : `${sliceAnsi(line, 0, columns - 1)}…`;
}

const ERASE_LINE_ABOVE = '\u001b[1A\u001b[2K';

/**
 * Draws no line wider than the terminal. A terminal that has become narrower has broken the lines that are drawn into
 * more rows than were written, so these are taken away by what they take now.
 */
export function createLiveScreen(sink: TextSink): LiveScreen {
  const screen = createLogUpdate(asStream(sink));
  let drawn: readonly string[] = [];
  let drawnWidth = sink.columns;

  function forgetBrokenRows(): void {
    const width = sink.columns;
    const extra = drawn.reduce((rows, line) => rows + Math.max(0, Math.ceil(stringWidth(line) / width) - 1), 0);
    if (width < drawnWidth && extra > 0) {
      screen.clear();
      sink.write(ERASE_LINE_ABOVE.repeat(extra));
    }
    drawnWidth = width;
  }

  return {
    draw: (lines) => {
      forgetBrokenRows();
      // The last column stays free: some terminals break a line that fills it.
      drawn = lines.map((line) => cut(line, Math.max(1, sink.columns - 1)));
      screen(drawn.join('\n'));
    },
    persist: (line) => {
      forgetBrokenRows();
      drawn = [];
      screen.persist(line);
    },
    clear: () => {
      forgetBrokenRows();
      drawn = [];
      screen.clear();
    },
    end: () => screen.done(),
  };
}
