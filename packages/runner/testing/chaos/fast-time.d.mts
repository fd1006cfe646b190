import type { Clock } from '../../src/index.js';

export interface Pace {
  /** Epoch milliseconds at which the fast time and the true one agree. */
  readonly startedAt: number;
  readonly factor: number;
}

export function fastTime(pace: Pace): () => number;

export function fastClock(pace: Pace): Clock;
