import { isBusy, unlessBusy, waitingAtMost } from './open/unless-busy.js';
import type { Durability, Store } from './store.js';

/** For another process's lock, where whoever waits for the write tries again. */
const LOCK_WAIT_MS = 1_000;

/** What is done around each commit. */
interface Around {
  /** First of all in its transaction. */
  begin(): void;
  committed(): void;
  rolledBack(): void;
}

/** A write that somebody waits for. */
interface Awaited {
  /** Does it, and returns how to tell them once it is on the disk. */
  readonly work: () => () => void;
  readonly fail: (error: unknown) => void;
}

/** When writes come to the disk: at once, together with others of the same turn, or with the next commit that comes by. */
export class Commits {
  readonly #store: Store;
  readonly #around: Around;
  #soon: (() => void)[] = [];
  #awaited: Awaited[] = [];
  /** Of the transaction under way. */
  #durability: Durability | null = null;
  /** What it has looked at {@link once}. */
  readonly #found = new Map<string, unknown>();
  #isLocked = false;

  constructor(store: Store, around: Around) {
    this.#store = store;
    this.#around = around;
  }

  /** Of the transaction under way; `null`: there is none. */
  get durability(): Durability | null {
    return this.#durability;
  }

  /**
   * Looks whether another process has the state's lock, so that no write of this one has to wait for it: what waits hears no
   * stop. It waits for the moment that another's commit takes, and for one that is known already not at all.
   * @throws SqliteError for whatever else is wrong with the state
   */
  looksLocked(): boolean {
    const { sqlite } = this.#store;
    const look = () => {
      sqlite.exec('BEGIN IMMEDIATE');
      sqlite.exec('ROLLBACK');
    };
    const wait = this.#isLocked ? 0 : LOCK_WAIT_MS;
    this.#isLocked = !waitingAtMost(this.#store, wait, () => unlessBusy(look));
    return this.#isLocked;
  }

  /** One `BEGIN IMMEDIATE`, or a part of the one under way. */
  transact<T>(work: () => T, durability: Durability = 'power-cut'): T {
    if (this.#durability !== null) return work();
    this.#durability = durability;
    let result: T;
    try {
      result = this.#store.transact(() => {
        this.#around.begin();
        return work();
      }, durability);
      this.#isLocked = false;
    } catch (error) {
      this.#around.rolledBack();
      throw error;
    } finally {
      this.#durability = null;
      this.#found.clear();
    }
    this.#around.committed();
    return result;
  }

  /**
   * What is looked at once a transaction, since no other process can write until it ends. What this one writes meanwhile does
   * not change what was found: whoever writes it keeps count.
   */
  once<T>(what: string, look: () => T): T {
    if (this.#durability === null) return look();
    if (!this.#found.has(what)) this.#found.set(what, look());
    return this.#found.get(what) as T;
  }

  /**
   * Writes a free move together with all others that come by the next {@link flush}: a commit of its own for each would
   * cost more than the move. A kill forgets it, and the next run's poll or download sees the same again.
   */
  soon(work: () => void): void {
    this.#soon.push(work);
  }

  /**
   * Writes what guards money in one commit with all else of its kind that comes in the same turn of the event loop, since
   * waiting for the disk is most of what a commit costs. One that fails takes no other with it, and may be run twice.
   * It fails soon when another process has the state's lock, at once when that is known.
   * @returns once it is on the disk
   */
  durably<T>(work: () => T): Promise<T> {
    if (this.#awaited.length === 0) setImmediate(() => this.#flushAwaited());
    return new Promise<T>((resolve, reject) => {
      const tell = () => {
        const result = work();
        return () => resolve(result);
      };
      this.#awaited.push({ work: tell, fail: reject });
    });
  }

  #flushAwaited(): void {
    const awaited = this.#awaited;
    if (awaited.length === 0) return;
    this.#awaited = [];
    const soon = this.#soon;
    this.#soon = [];
    try {
      const write = () =>
        this.transact(() => {
          for (const work of soon) work();
          return awaited.map(({ work }) => work());
        });
      const done = waitingAtMost(this.#store, this.#isLocked ? 0 : LOCK_WAIT_MS, write);
      for (const tell of done) tell();
    } catch (error) {
      this.#isLocked = isBusy(error);
      // The next flush says what is wrong with the others.
      this.#soon = [...soon, ...this.#soon];
      for (const each of awaited) {
        // Alone it would wait for the same lock.
        if (this.#isLocked) each.fail(error);
        else this.#writeAlone(each);
      }
    }
  }

  #writeAlone({ work, fail }: Awaited): void {
    try {
      this.transact(work)();
    } catch (error) {
      fail(error);
    }
  }

  /** Commits what waits: what guards money, and free moves. @param isDue whether to commit though no free move waits */
  flush(isDue: () => boolean): void {
    this.#flushAwaited();
    const works = this.#soon;
    if (works.length === 0 && !isDue()) return;
    this.#soon = [];
    this.transact(() => {
      for (const work of works) work();
    }, 'kill');
  }

  /** Does work that waits no second time in full for a lock that was waited for already. */
  withKnownLock(work: () => void): void {
    if (this.#isLocked) waitingAtMost(this.#store, LOCK_WAIT_MS, work);
    else work();
  }
}
