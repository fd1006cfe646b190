/** Time, as a value that tests can drive. */
export interface Clock {
  /** Epoch milliseconds. Never runs backwards within one process, whatever is done to the system's clock. */
  nowMs(): number;
  /** Calls back once after `ms`; returns a function that calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Wall-clock time at the start plus monotonic time since. */
export function systemClock(): Clock {
  const offset = Date.now() - performance.now();
  return {
    nowMs: () => Math.round(offset + performance.now()),
    after: (ms, callback) => {
      // A timer beyond 2^31 ms fires at once; such a wait is renewed by the loop anyway.
      const timer = setTimeout(callback, Math.min(Math.max(0, ms), 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}
