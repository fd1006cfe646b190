import type { Clock } from '../src/clock.js';

/** Long enough for the work under way, and for the loop that looks at what has ended at most every 4 ms. */
const TURN_MS = 15;
/** What is due this much later waits only for work under way to come to nothing: that work gets its time on a busy machine. */
const LONG_MS = 10 * 60_000;
const LONG_TURN_MS = 250;
/** A turn that comes so late tells of a machine that stood still: what was to happen meanwhile gets another one. */
const LATE_MS = 3;
/** Turns that are given up at most for that, and for files that are still being read or written: five seconds of them. */
const MOST_MORE = 500;

/**
 * A clock that skips waits: timers fire in order, a moment of real time apart, and each sets the time to when it was
 * due. Hours of backing off pass in a second, and nothing fires too early or out of turn.
 */
export class SkippingClock implements Clock {
  #now: number;
  #timers: { dueMs: number; callback: () => void }[] = [];
  #turn: { readonly real: NodeJS.Timeout; readonly isLong: boolean } | null = null;
  #more = 0;

  constructor(startMs = 1_800_000_000_000) {
    this.#now = startMs;
  }

  nowMs(): number {
    return this.#now;
  }

  wallMs(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { dueMs: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    this.#await();
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** One turn at a time; a timer that is due soon does not wait for a long one's turn. */
  #await(): void {
    if (this.#timers.length === 0) return;
    const isLong = Math.min(...this.#timers.map(({ dueMs }) => dueMs)) - this.#now > LONG_MS;
    if (this.#turn !== null && (isLong || !this.#turn.isLong)) return;
    clearTimeout(this.#turn?.real);
    const turnMs = isLong ? LONG_TURN_MS : TURN_MS;
    const dueMs = performance.now() + turnMs;
    this.#turn = { isLong, real: setTimeout(() => this.#fire(isLong, performance.now() - dueMs), turnMs) };
  }

  #fire(wasLong: boolean, lateMs: number): void {
    this.#turn = null;
    if ((lateMs > LATE_MS || isAtFiles()) && this.#more < MOST_MORE) {
      this.#more += 1;
      this.#await();
      return;
    }
    this.#more = 0;
    this.#timers.sort((a, b) => a.dueMs - b.dueMs);
    const [next] = this.#timers;
    if (next === undefined) return;
    // What was due soon has been called off meanwhile: what is left is another wait.
    if (!wasLong && next.dueMs - this.#now > LONG_MS) {
      this.#await();
      return;
    }
    this.#timers.shift();
    this.#now = Math.max(this.#now, next.dueMs);
    next.callback();
    this.#await();
  }
}

/** Whether files are being read, written or synced on other threads, which takes as long as the disk likes. */
function isAtFiles(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));
}
