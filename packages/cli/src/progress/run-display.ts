import { join } from 'node:path';
import type { Plan, Snapshot } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import type { LanesNow } from '../batch/take-lanes.js';
import { reportFolder } from '../batch/write-reports.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { followRun, type RunFollower } from '../live/follow-run.js';
import { displayPath } from '../output/display-path.js';
import { announceInterrupts } from './announce-interrupts.js';
import { createProgress, type Progress, type ProgressOptions } from './progress.js';

/** Everything that a run shows while it goes on: progress, what signals set off, and the live page. */
export interface RunDisplay {
  onEvent(event: RunEvent): void;
  /** How to look at the state, and at the lanes alone; the newest counts. */
  look(take: () => Snapshot, lanes: () => LanesNow | null): void;
  say(line: string): void;
  end(): Promise<void>;
}

export interface RunDisplayOptions extends ProgressOptions {
  readonly ui?: boolean;
}

export function createRunDisplay(context: CommandContext, plan: Plan, options: RunDisplayOptions): RunDisplay {
  const progress = createProgress(context, plan, options);
  const announce = announceInterrupts(context.interrupts, (line) => progress.say(line));
  const live: RunFollower | null = options.ui
    ? followRun(liveOptions(context, plan), (line) => sayAlways(context, options, progress, line))
    : null;
  return {
    onEvent: (event) => {
      progress.onEvent(event);
      announce.onEvent(event);
      live?.onEvent(event);
    },
    look: (take, lanes) => {
      progress.look?.(lanes);
      live?.look(take);
    },
    say: (line) => progress.say(line),
    end: async () => {
      await live?.close();
      announce.end();
      progress.end();
    },
  };
}

function liveOptions({ cwd }: CommandContext, plan: Plan) {
  return { cwd, reportPath: displayPath(join(reportFolder(plan), 'index.html'), cwd) };
}

/** What the user asked for is said even with `--quiet`. */
function sayAlways(context: CommandContext, { quiet }: SharedOptions, progress: Progress, line: string): void {
  if (quiet) context.err.write(`${line}\n`);
  else progress.say(line);
}
