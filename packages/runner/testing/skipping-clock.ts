import type { Clock } from '../src/clock.js';

/**
 * A clock that skips waits: timers fire in order, a moment of real time apart, and each sets the time to when it was
 * due. Hours of backing off pass in a second, and nothing fires too early or out of turn.
 */
export class SkippingClock implements Clock {
  #now: number;
  #timers: { dueMs: number; callback: () => void }[] = [];
  #ticking = false;

  constructor(startMs = 1_800_000_000_000) {
    this.#now = startMs;
  }

  nowMs(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { dueMs: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    this.#tick();
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    // Long enough for the work under way, and for the loop that looks at what has ended at most every 4 ms.
    setTimeout(() => {
      this.#ticking = false;
      this.#timers.sort((a, b) => a.dueMs - b.dueMs);
      const next = this.#timers.shift();
      if (next === undefined) return;
      this.#now = Math.max(this.#now, next.dueMs);
      next.callback();
      if (this.#timers.length > 0) this.#tick();
    }, 10);
  }
}
