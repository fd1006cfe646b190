import type { Clock } from './clock.js';

/**
 * What ends within this many milliseconds of real time is looked at together: each look commits what has come and asks
 * the state a dozen questions, and a busy run has hundreds of ends a second.
 */
const TOGETHER_MS = 4;

/** Work under way, by kind and subject, so that nothing is started twice and the loop knows when to look again. */
export class Tasks {
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<void>>();
  readonly #byKind = new Map<string, number>();
  #wake: () => void = () => undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What some work threw: faults of ours or of the machine, since all else is recorded as data. */
  readonly faults: unknown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#running.size;
  }

  count(kind: string): number {
    return this.#byKind.get(kind) ?? 0;
  }

  has(kind: string, subject: string | number): boolean {
    return this.#running.has(`${kind} ${subject}`);
  }

  start(kind: string, subject: string | number, work: () => Promise<unknown>): void {
    const name = `${kind} ${subject}`;
    if (this.#running.has(name)) return;
    this.#byKind.set(kind, this.count(kind) + 1);
    const running = work()
      .then(
        () => undefined,
        (error: unknown) => {
          this.faults.push(error);
        },
      )
      .finally(() => {
        this.#running.delete(name);
        this.#byKind.set(kind, this.count(kind) - 1);
        this.wake();
      });
    this.#running.set(name, running);
  }

  /** Makes a waiting loop look again. */
  wake(): void {
    this.#wake();
  }

  /** Until something ends, somebody wakes us, or the time has come. */
  async changed(untilMs: number): Promise<void> {
    const wait = Math.max(0, untilMs - this.#clock.nowMs());
    await new Promise<void>((resolve) => {
      const callOff = Number.isFinite(wait) ? this.#clock.after(wait, resolve) : () => undefined;
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
    this.#wake = () => undefined;
    const early = this.#lookedAt + TOGETHER_MS - performance.now();
    await new Promise<void>((resolve) => (early > 0 ? setTimeout(resolve, early) : setImmediate(resolve)));
    this.#lookedAt = performance.now();
  }

  /** Until all work of this kind has ended; of every kind when it is not named. */
  async drained(kind?: string): Promise<void> {
    for (;;) {
      const left = [...this.#running].filter(([name]) => kind === undefined || name.startsWith(`${kind} `));
      if (left.length === 0) return;
      await Promise.allSettled(left.map(([, running]) => running));
    }
  }
}
