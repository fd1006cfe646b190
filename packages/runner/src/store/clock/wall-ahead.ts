import type { Clock } from '../../clock.js';
import { unlessBusy } from '../open/unless-busy.js';
import { prepared } from '../prepared.js';
import type { Store } from '../store.js';

/** By how much the wall clock was ahead of the state's own time when somebody last looked. */
const KEY = 'wall ahead';

/** Less is the rounding of the uptime that processes read. */
const SAME_MS = 20;

/**
 * Writes down each step of the wall clock that a process lives to see: after the machine's next start, it tells when
 * everything was.
 */
export class WallWatch {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'nowMs' | 'wallMs'>;
  #known: number | null = null;

  constructor(store: Store, clock: Pick<Clock, 'nowMs' | 'wallMs'>) {
    this.#store = store;
    this.#clock = clock;
  }

  look(): void {
    const ahead = this.#clock.wallMs() - this.#clock.nowMs();
    this.#known ??= lastWallAhead(this.#store);
    if (Math.abs(ahead - this.#known) <= SAME_MS) return;
    noteWallAhead(this.#store, ahead);
    this.#known = ahead;
  }

  /** Where another process holds the state, whoever opens it does not wait: a run looks again. */
  lookUnlessBusy(): void {
    const { sqlite } = this.#store;
    const waitMs = Number(sqlite.pragma('busy_timeout', { simple: true }));
    sqlite.pragma('busy_timeout = 0');
    try {
      unlessBusy(() => this.look());
    } finally {
      sqlite.pragma(`busy_timeout = ${waitMs}`);
    }
  }
}

export function noteWallAhead(store: Store, aheadMs: number): void {
  prepared<[string, string], unknown>(
    store,
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ).run(KEY, String(aheadMs));
}

/** A state of an earlier version tells it by its last purchase alone. */
export function lastWallAhead(store: Store): number {
  const noted = prepared<[string], { value: string }>(store, 'SELECT value FROM meta WHERE key = ?').get(KEY);
  if (noted !== undefined) return Number(noted.value);
  const last = 'SELECT wall_ahead AS ahead FROM attempts WHERE run_id IS NOT NULL ORDER BY rowid DESC LIMIT 1';
  return prepared<[], { ahead: number }>(store, last).get()?.ahead ?? 0;
}

/**
 * The wall clock's time of a moment of the state's own. While nobody has set the clock it is always as far ahead, so that
 * what is read back by the calendar keeps the order in which it was written: the two are never read at quite the same time.
 */
export function steadyWallMs(store: Store, { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number }) {
  const known = nowMs + lastWallAhead(store);
  return Math.abs(wallMs - known) <= SAME_MS ? known : wallMs;
}
