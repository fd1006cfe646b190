import { setMaxListeners } from 'node:events';

/**
 * What the emulator is in the middle of. Closing waits for all of it, since every request writes to the state, and cuts
 * short whatever only waits.
 */
export class Activity {
  readonly #running = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();

  constructor() {
    // Every request that waits listens, and takes its listener away: a number of them is no leak.
    setMaxListeners(0, this.#stop.signal);
  }

  /** True once the emulator is closing. */
  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Notes work that closing has to wait for. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    void settled.then(() => this.#running.delete(settled));
    return work;
  }

  /** Waits in real time, not longer than until the emulator closes. */
  pause(ms: number): Promise<void> {
    if (this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#stop.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#stop.signal.addEventListener('abort', done);
    });
  }

  /** Ends every pause, now and from now on. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
