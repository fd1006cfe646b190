import { setTimeout as sleep } from 'node:timers/promises';
import { LocalizeError } from '@localize/core';

const LOOK_EVERY_MS = 1_000;

export interface WaitOptions {
  /** How long to wait for the holder; `null`: not at all. */
  readonly waitMs: number | null;
  readonly signal: AbortSignal;
  /** Told once for each holder that is waited for, in words that name it. */
  readonly onHeld: (who: string) => void;
}

/**
 * Does `work` once no other run holds its batch. The lock tells nobody when it becomes free, so it is tried again and
 * again; `work` must do nothing before it has the lock.
 * @throws LocalizeError BATCH_LOCKED when the time is up; an AbortError when `signal` ends the wait
 */
export async function whenFree<T>(work: () => Promise<T>, options: WaitOptions): Promise<T> {
  const { waitMs, signal, onHeld } = options;
  const until = performance.now() + (waitMs ?? 0);
  let told = '';
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const left = until - performance.now();
      if (!isHeld(error) || left <= 0) throw error;
      if (error.message !== told) onHeld(error.message);
      told = error.message;
      await sleep(Math.min(LOOK_EVERY_MS, left), undefined, { signal });
    }
  }
}

export function isHeld(error: unknown): error is LocalizeError {
  return error instanceof LocalizeError && error.code === 'BATCH_LOCKED';
}
