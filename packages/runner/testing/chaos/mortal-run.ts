import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider, StartResult } from '@localize/core';
import { providers } from '@localize/providers';
import {
  bootClock,
  type Clock,
  openStore,
  type RunOptions,
  type RunOutcome,
  runBatch,
  type Store,
} from '../../src/index.js';
import { chaosOptions } from './chaos-options.mjs';
import type { FullSettings, Kill } from './chaos-settings.js';
import { fastClock, type Pace } from './fast-time.mjs';

/** How a run ended that could die. */
export interface MortalEnd {
  readonly died: boolean;
  readonly outcome: RunOutcome | null;
}

/**
 * One run that dies in this very process as a kill would have it: from that instant on not one byte reaches its state,
 * its requests are cut, and the system takes back its lock. It is no process, so hundreds of deaths cost what a dozen
 * real kills cost; those are tested too, and this one's file work is cut off by an abort instead of in its middle.
 */
export async function mortalRun(settings: FullSettings, pace: Pace, kill: Kill | null): Promise<MortalEnd> {
  const life = new Life(kill);
  const opened = openStore(join(settings.dir, '.localize', 'state.db'));
  // Who looks at the state in true time must not be the first of its boot: all that was written in fast time lies in the
  // future then, counts as that of a clock that was set back, and would be moved into the past.
  bootClock(opened);
  const store = life.guard(opened);
  const options: RunOptions = {
    ...chaosOptions(settings),
    store,
    providers: new Map([...providers].map(([id, provider]) => [id, life.guardCreates(provider)])),
    clock: life.guardClock(fastClock(pace)),
    abort: life.ended,
  };
  const restoreStderr = life.muteTheDead();
  try {
    const outcome = await runBatch(options).catch((error: unknown) => {
      if (life.isOver) return null;
      throw error;
    });
    return { died: life.isOver, outcome };
  } finally {
    life.cancel();
    restoreStderr();
    if (!life.isOver) store.close();
  }
}

class Life {
  readonly #end = new AbortController();
  readonly #kill: Kill | null;
  readonly #timer: NodeJS.Timeout | undefined;
  #reached = 0;
  #close: () => void = () => undefined;

  constructor(kill: Kill | null) {
    this.#kill = kill;
    if (kill && 'afterMs' in kill) this.#timer = setTimeout(() => this.#die(), kill.afterMs);
  }

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** A store that loses its file at the end; even the rescue file would then go where nobody looks. */
  guard(store: Store): Store {
    this.#close = () => store.sqlite.close();
    const living = { ...store };
    Object.defineProperty(living, 'path', {
      get: () => (this.isOver ? join(tmpdir(), 'localize-chaos-dead', 'state.db') : store.path),
    });
    living.transact = (work, durability) => {
      this.#pass('commit', 'before');
      const result = store.transact(work, durability);
      this.#pass('commit', 'after');
      return result;
    };
    return living;
  }

  guardCreates(provider: Provider): Provider {
    return Object.assign(Object.create(provider) as Provider, {
      start: async (...call: Parameters<Provider['start']>): Promise<StartResult> => {
        this.#pass('post', 'before');
        const dies = this.#isNext('post', 'during');
        if (dies) setTimeout(() => this.#die(), 5);
        const result = await provider.start(...call);
        if (dies) this.#die();
        this.#pass('post', 'after');
        return result;
      },
    });
  }

  /** The dead do not wait. */
  guardClock(clock: Clock): Clock {
    return { ...clock, after: (ms, callback) => clock.after(this.isOver ? 0 : ms, callback) };
  }

  /** What a dead run would say of ids that it can no longer save is not heard. */
  muteTheDead(): () => void {
    const { write } = process.stderr;
    process.stderr.write = ((...said: Parameters<typeof write>) =>
      this.isOver || write.apply(process.stderr, said)) as typeof write;
    return () => {
      process.stderr.write = write;
    };
  }

  /** Dies when this is the point that was named, and lets nothing pass after death. */
  #pass(point: 'commit' | 'post', when: 'before' | 'after'): void {
    if (!this.isOver && this.#isNext(point, when)) this.#die();
    if (this.isOver) throw new Error('this run is dead');
  }

  #isNext(point: 'commit' | 'post', when: 'before' | 'during' | 'after'): boolean {
    const kill = this.#kill;
    if (kill === null || 'afterMs' in kill || kill.point !== point || kill.when !== when) return false;
    this.#reached += 1;
    return this.#reached === kill.n;
  }

  #die(): void {
    if (this.isOver) return;
    this.#close();
    this.#end.abort();
  }
}
