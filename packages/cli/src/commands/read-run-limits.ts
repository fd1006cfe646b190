import { LocalizeError, type Micros, parseDuration } from '@localize/core';
import { LONGEST_MS } from '../refuse-numbers.js';
import { readUsd } from './read-usd.js';

/** The options of `run` that say when it may begin and how long it may buy, as the command line has them. */
export interface RunLimitOptions {
  /** `true`: without an end. */
  readonly wait?: true | string;
  readonly skipIfRunning?: boolean;
  readonly stopAfter?: string;
  readonly collect?: boolean;
  readonly remake?: boolean;
  readonly maxUsd?: string;
}

/** The same, read. */
export interface RunLimits {
  /** How long another run of the batch is waited for; `null`: not at all. */
  readonly waitMs: number | null;
  readonly stopAfterMs: number | null;
  /** Cap of what the run newly spends. */
  readonly maxMicros: Micros | null;
}

/** @throws LocalizeError USAGE */
export function readRunLimits(options: RunLimitOptions): RunLimits {
  const { wait, skipIfRunning, stopAfter, collect, remake, maxUsd } = options;
  if (wait !== undefined && skipIfRunning) throw exclusive('--wait', '--skip-if-running');
  if (collect && remake) throw exclusive('--collect', '--remake');
  if (collect && stopAfter !== undefined) throw exclusive('--collect', '--stop-after');
  return {
    waitMs: readWait(wait),
    stopAfterMs: stopAfter === undefined ? null : readStopAfter(stopAfter),
    maxMicros: maxUsd === undefined ? null : readUsd('--max-usd', maxUsd, 'down'),
  };
}

function readWait(wait: true | string | undefined): number | null {
  if (wait === undefined) return null;
  if (wait === true) return Number.POSITIVE_INFINITY;
  const ms = parseDuration(wait);
  if (ms !== null) return ms;
  throw new LocalizeError('USAGE', `--wait takes a length such as 30m, not ${wait}`, {
    hint: 'put --wait behind the manifest, or write --wait=30m',
  });
}

function readStopAfter(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new LocalizeError('USAGE', `--stop-after takes a length such as 5h or 90m, not ${text}`);
  if (ms <= LONGEST_MS) return ms;
  throw new LocalizeError('USAGE', `--stop-after takes at most 24d, not ${text}`);
}

function exclusive(one: string, other: string): LocalizeError {
  return new LocalizeError('USAGE', `${one} and ${other} exclude each other`);
}
