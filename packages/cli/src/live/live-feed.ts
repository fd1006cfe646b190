import type { Snapshot } from '@localize/core';

/** At most so often is a changed state told; a large one less often, so that telling it never slows the run. */
const SHORTEST_PAUSE_MS = 500;
const PAUSE_FOR_EACH_BUILD = 20;

export interface FeedState {
  /** Grows with each change. */
  readonly version: number;
  /** The snapshot as JSON. */
  readonly text: string;
  readonly ended: boolean;
}

/** The newest state of a run for any number of listeners, each of which gets the latest as fast as it can take it. */
export class LiveFeed {
  readonly #take: () => Snapshot;
  #state: FeedState;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #buildMs = 0;

  constructor(take: () => Snapshot) {
    this.#take = take;
    this.#state = { version: 1, text: JSON.stringify(take()), ended: false };
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Something happened in the run: it is told in a moment, together with what else happens until then. */
  changed(): void {
    if (this.#timer !== null || this.#state.ended) return;
    const pauseMs = Math.max(SHORTEST_PAUSE_MS, this.#buildMs * PAUSE_FOR_EACH_BUILD);
    this.#timer = setTimeout(() => this.#look(), pauseMs).unref();
  }

  /** Tells the state of now, and that it is the last. */
  end(): void {
    if (!this.#state.ended) this.#tell(JSON.stringify(this.#take()), true);
  }

  /** The state that was told last is the last; nothing is looked at any more. */
  abandon(): void {
    if (!this.#state.ended) this.#tell(this.#state.text, true);
  }

  /** The first state that is newer than `version`; `null` when the listener gives up before. */
  async after(version: number, signal: AbortSignal): Promise<FeedState | null> {
    while (this.#state.version <= version) {
      if (signal.aborted) return null;
      await new Promise<void>((wake) => {
        const done = () => {
          signal.removeEventListener('abort', done);
          wake();
        };
        this.#waiting.push(done);
        signal.addEventListener('abort', done);
      });
    }
    return this.#state;
  }

  #look(): void {
    const startedAt = performance.now();
    const text = JSON.stringify(this.#take());
    this.#buildMs = performance.now() - startedAt;
    this.#tell(text, false);
  }

  #tell(text: string, ended: boolean): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#state = { version: this.#state.version + 1, text, ended };
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
