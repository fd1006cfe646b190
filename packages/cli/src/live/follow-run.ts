import type { Snapshot } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import type { LiveReport, LiveReportOptions } from './live-report.js';

/** Serves the page of a run from its start to its end. */
export interface RunFollower {
  /** How to look at the state; the newest counts. */
  look(take: () => Snapshot): void;
  onEvent(event: RunEvent): void;
  /** Lets the last state reach the pages. */
  close(): Promise<void>;
}

/** @param say gets the address, or why there is none: a run goes on without its page. */
export function followRun(options: Omit<LiveReportOptions, 'coveredJobs'>, say: (line: string) => void): RunFollower {
  let take: (() => Snapshot) | null = null;
  let live: LiveReport | null = null;
  let starting: Promise<void> | null = null;
  let ended = false;
  const start = async (look: () => Snapshot, coveredJobs: number) => {
    const { serveLiveReport } = await import('./live-report.js');
    // A run with nothing left to do may be over by now, and its state closed.
    if (ended) return;
    live = await serveLiveReport(look, { ...options, coveredJobs });
    say(`Live report: ${live.url}`);
  };
  return {
    look: (latest) => {
      take = latest;
    },
    onEvent: (event) => {
      // Only now the batch is surely ours: a run that waits for another has no page.
      if (event.type === 'run:started' && take) {
        starting = start(take, event.jobs).catch((error: Error) => say(`no live report: ${error.message}`));
      } else if (event.type === 'run:ended') {
        ended = true;
        live?.end();
      } else live?.changed();
    },
    close: async () => {
      await starting;
      await live?.close();
    },
  };
}
