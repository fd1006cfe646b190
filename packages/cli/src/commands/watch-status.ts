import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, type ExitCode } from '@localize/core';
import { systemClock } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readRenamed } from '../batch/renamed-batch.js';
import { type StatusView, withStatus } from '../batch/take-status.js';
import type { CommandContext, TextSink } from '../definitions.js';
import { broken, cut, fitRows } from '../output/fit-lines.js';
import { createLiveScreen } from '../output/live-screen.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { statusJson, statusJsonText } from '../output/status-json.js';
import { statusText } from '../output/status-text.js';
import { writePieces } from '../output/write-pieces.js';
import { canMove, hasRoom } from '../progress/start-moving.js';
import { allOf, type StatusOptions } from './status.js';

/** How often the state is looked at, and how often it is shown where nothing can be drawn over. */
const LOOK_MS = 1_000;
const SHOW_MS = 60_000;

/**
 * `localize status --watch`: shows the batch until every job has ended and no run is at work, until Ctrl-C, or
 * until nobody reads it any more. A terminal is drawn anew every second; elsewhere it is shown once a minute, with `--json`
 * one document a line.
 */
export async function watchStatus(
  context: CommandContext,
  batch: LoadedBatch,
  options: StatusOptions,
): Promise<ExitCode> {
  const { stop } = context.interrupts;
  const from = { cwd: context.cwd, selection: options, renamed: await readRenamed(batch, systemClock().nowMs()) };
  const display = createDisplay(context, options, { all: allOf(batch, options), again: batch.again });
  try {
    for (;;) {
      const lookedAt = performance.now();
      const isOver = withStatus(batch, from, (view) => {
        const last = hasEnded(view);
        display.show(view, last);
        return last;
      });
      if (isOver || context.out.hasReader === false) return EXIT.ok;
      // A large batch takes a while to read: most of the time is left to the run itself.
      const wait = Math.max(LOOK_MS, 4 * (performance.now() - lookedAt));
      await sleep(wait, undefined, { signal: stop });
    }
  } catch (error) {
    if (stop.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    display.end();
  }
}

function hasEnded({ survey, atWork }: StatusView): boolean {
  const { pending, running } = survey.summary.totals;
  return !atWork && pending === 0 && running === 0;
}

interface Display {
  show(view: StatusView, last: boolean): void;
  end(): void;
}

function createDisplay(
  context: CommandContext,
  options: StatusOptions,
  { all, again }: { all: string | undefined; again: string },
): Display {
  const { out } = context;
  const color = wantsColor(context, out, options.color);
  const text = (view: StatusView, place = { width: out.columns, fitted: false }) =>
    statusText(view, { color, ...place, jobs: false, all });
  const show = (view: StatusView) => (options.json ? statusJsonText(statusJson(view), 'line') : text(view));
  const inLines = everySoOften((view) => {
    writePieces(out, show(view));
    out.write('\n');
  });
  if (options.json || !canMove(context, out)) return inLines;
  const screen = createLiveScreen(out);
  let moves = context.moveInFront === undefined;
  const hide = () => {
    screen.clear();
    screen.end();
  };
  const start = () => {
    moves = true;
  };
  const stop = () => {
    moves = false;
    hide();
  };
  const endMoving = context.moveInFront?.({ start, stop });
  return {
    show: (view, last) => {
      const draw = (width: number) => text(view, { width, fitted: true });
      if (moves && hasRoom(out) && !last) return screen.draw(fittedLines(draw, out, { again, color }));
      // What stays is whole.
      hide();
      inLines.show(view, last);
    },
    end: () => {
      screen.end();
      endMoving?.();
    },
  };
}

/** What a terminal has room for. Its last column and its last row stay free. */
function fittedLines(
  text: (width: number) => Iterable<string>,
  { columns, rows }: TextSink,
  { again, color }: { again: string; color: boolean },
): readonly string[] {
  const width = columns - 1;
  const lines = [...text(width)].join('').trimEnd().split('\n');
  const dim = (line: string) => createPaint(color)('dim', line);
  return fitRows(
    lines.flatMap((line) => broken(line, width)),
    rows - 1,
    (hidden) => dim(cut(`… ${hidden} more lines: localize status ${again}`, width)),
  );
}

function everySoOften(write: (view: StatusView) => void): Display {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    show: (view, last) => {
      if (!last && performance.now() - writtenAt < SHOW_MS) return;
      writtenAt = performance.now();
      write(view);
    },
    end: () => undefined,
  };
}
