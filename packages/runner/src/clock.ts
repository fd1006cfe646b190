/** Time, as a value that tests can drive. */
export interface Clock {
  /**
   * Epoch milliseconds that limits, waits and timeouts go by. Never runs backwards within one process, whatever is done
   * to the system's clock.
   */
  nowMs(): number;
  /** What the system's clock says by now: for calendar days, and for times that people or providers are told. */
  wallMs(): number;
  /** Calls back once after `ms`; returns a function that calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Wall-clock time at the start plus monotonic time since. */
export function systemClock(): Clock {
  const offset = Date.now() - performance.now();
  return {
    nowMs: () => Math.round(offset + performance.now()),
    wallMs: () => Date.now(),
    after: (ms, callback) => {
      // A timer beyond 2^31 ms fires at once; such a wait is renewed by the loop anyway.
      const timer = setTimeout(callback, Math.min(Math.max(0, ms), 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}

/** A time of the clock's own as the system's clock would say it. */
export function wallTimeOf(clock: Clock, atMs: number): number {
  return atMs + clock.wallMs() - clock.nowMs();
}
