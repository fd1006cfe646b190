import { count, type Plan, plainText } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import type { LanesNow } from '../batch/take-lanes.js';
import type { CommandContext, Moving, SharedOptions } from '../definitions.js';
import { type LogRecord, logRecord } from '../log/log-record.js';
import { createLiveScreen } from '../output/live-screen.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { eventLine } from './event-line.js';
import { liveLines, plainLine } from './progress-lines.js';
import { applyEvent, createProgressModel } from './progress-model.js';
import { canMove, hasRoom, startMoving } from './start-moving.js';

/** Shows a run while it goes on. */
export interface Progress {
  onEvent(event: RunEvent): void;
  /** How to look at the lanes while the run goes on. */
  look?(lanes: () => LanesNow | null): void;
  /** A line that stays, above whatever moves. */
  say(line: string): void;
  /** Takes the moving part away. */
  end(): void;
}

export interface ProgressOptions extends SharedOptions {
  readonly collect?: boolean;
}

const REDRAW_MS = 200;
const LINE_EVERY_MS = 60_000;

/** Live lines on a terminal, a line a minute elsewhere, events as JSON lines with `--json`, next to nothing with `--quiet`. */
export function createProgress(context: CommandContext, plan: Plan, options: ProgressOptions): Progress {
  if (options.json) return jsonProgress(context, options);
  if (options.quiet) return quietProgress(context);
  if (context.log) return recordProgress(context.log, plan, options);
  return canMove(context, context.err) ? liveProgress(context, plan, options) : plainProgress(context, plan, options);
}

/** What is wrong with a job stands in the summary; what is wrong with the run itself is said nowhere else. */
function quietProgress({ err }: CommandContext): Progress {
  const said = new Set<string>();
  return {
    onEvent: (event) => {
      if (event.type !== 'problem' || event.key !== undefined || said.has(event.message)) return;
      said.add(event.message);
      err.write(`${plainText(event.message)}\n`);
    },
    say: () => undefined,
    end: () => undefined,
  };
}

/** Requests are for those who want to see every step. */
function jsonProgress(context: CommandContext, { verbose }: SharedOptions): Progress {
  return {
    onEvent: (event) => {
      if (event.type !== 'exchange' || verbose) context.out.write(`${JSON.stringify(event)}\n`);
    },
    say: (line) => context.err.write(`${line}\n`),
    end: () => undefined,
  };
}

/** For what gathers logs: every event as a record, requests with `verbose`, and a record a minute of how far it is. */
function recordProgress(log: (record: LogRecord) => void, plan: Plan, options: ProgressOptions): Progress {
  const model = createProgressModel(plan, options);
  let lanes: () => LanesNow | null = () => null;
  const say = (event: string, msg: string) => log({ level: 'info', atMs: Date.now(), event, msg });
  const timer = setInterval(() => {
    if (model.startedAtMs !== null) say('progress', plainLine(model, { lanes: lanes() }));
  }, LINE_EVERY_MS);
  return {
    onEvent: (event) => {
      applyEvent(model, event);
      const record = logRecord(event);
      if (record !== null && (record.level !== 'debug' || options.verbose)) log(record);
    },
    look: (take) => {
      lanes = take;
    },
    say: (line) => say('message', line),
    end: () => clearInterval(timer),
  };
}

function liveProgress(context: CommandContext, plan: Plan, options: ProgressOptions): Progress {
  const model = createProgressModel(plan, options);
  const paint = createPaint(wantsColor(context, context.err, options.color));
  const screen = createLiveScreen(context.err);
  let lanes: () => LanesNow | null = () => null;
  let timer: NodeJS.Timeout | undefined;
  const isDrawn = () => timer !== undefined && hasRoom(context.err);
  const hide = () => {
    screen.clear();
    screen.end();
  };
  const draw = () => {
    if (!isDrawn()) return hide();
    const { columns } = context.err;
    screen.draw(liveLines(model, { lanes: lanes(), paint, columns }));
  };
  const moving: Moving = {
    start: () => {
      timer = setInterval(draw, REDRAW_MS);
    },
    stop: () => {
      clearInterval(timer);
      timer = undefined;
      hide();
    },
  };
  // In the background the screen is another's, and a low window has no room: there are lines alone.
  const writeLine = (line: string) => context.err.write(`${timeOfDay()} ${line}\n`);
  let end: (() => void) | null = null;
  const say = (line: string) => {
    if (!hasRoom(context.err) || (end !== null && timer === undefined)) return writeLine(line);
    screen.persist(`  ${line}`);
    if (timer !== undefined) draw();
  };
  const lines = setInterval(() => {
    if (!isDrawn() && model.startedAtMs !== null) writeLine(plainLine(model, { lanes: lanes() }));
  }, LINE_EVERY_MS);
  return {
    onEvent: (event) => {
      // Not before the run begins: a question may stand on the screen until then.
      end ??= startMoving(context, moving);
      applyEvent(model, event);
      if (event.type === 'run:started' && !isDrawn()) say(startedLine(event));
      const line = eventLine(event, { verbose: options.verbose ?? false, paint });
      if (line !== null) say(line);
    },
    look: (take) => {
      lanes = take;
    },
    say,
    end: () => {
      clearInterval(lines);
      end?.();
    },
  };
}

function plainProgress(context: CommandContext, plan: Plan, options: ProgressOptions): Progress {
  const model = createProgressModel(plan, options);
  const paint = createPaint(wantsColor(context, context.err, options.color));
  let lanes: () => LanesNow | null = () => null;
  const say = (line: string) => context.err.write(`${timeOfDay()} ${line}\n`);
  const timer = setInterval(() => {
    if (model.startedAtMs !== null) say(plainLine(model, { lanes: lanes() }));
  }, LINE_EVERY_MS);
  return {
    onEvent: (event) => {
      applyEvent(model, event);
      if (event.type === 'run:started') say(startedLine(event));
      const line = eventLine(event, { verbose: options.verbose ?? false, paint });
      if (line !== null) say(line);
    },
    look: (take) => {
      lanes = take;
    },
    say,
    end: () => clearInterval(timer),
  };
}

function startedLine({ batch, jobs, done }: Extract<RunEvent, { type: 'run:started' }>): string {
  return `${batch}: ${count(jobs, 'job')}, ${done} of them done before`;
}

function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
