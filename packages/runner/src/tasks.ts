import type { Clock } from './clock.js';

/**
 * What ends within this many milliseconds of real time is looked at together: each look commits what has come and asks
 * the state a dozen questions, and a busy run has hundreds of ends a second.
 */
const TOGETHER_MS = 4;

/** What work is about: an id. */
type Subject = string | number;

/** Work under way, by kind and subject, so that nothing is started twice and the loop knows when to look again. */
export class Tasks {
  readonly #clock: Clock;
  readonly #running = new Map<string, Promise<void>>();
  readonly #byKind = new Map<string, Set<Subject>>();
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
    return this.#byKind.get(kind)?.size ?? 0;
  }

  has(kind: string, subject: Subject): boolean {
    return this.#running.has(`${kind} ${subject}`);
  }

  /** What work of this kind is about. */
  subjects(kind: string): Subject[] {
    return [...(this.#byKind.get(kind) ?? [])];
  }

  /** Work of this kind that has stepped aside. */
  countAside(kind: string): number {
    return this.count(asideOf(kind));
  }

  /**
   * Starts work unless the same is under way.
   * @param work may call `stepAside` when it turns out to take long: from then on it no longer counts among its kind.
   */
  start(kind: string, subject: Subject, work: (stepAside: () => void) => Promise<unknown>): void {
    const name = `${kind} ${subject}`;
    if (this.#running.has(name)) return;
    let counted = kind;
    this.#kind(counted).add(subject);
    const stepAside = () => {
      if (counted !== kind || !this.#running.has(name)) return;
      this.#kind(kind).delete(subject);
      counted = asideOf(kind);
      this.#kind(counted).add(subject);
      this.wake();
    };
    const running = work(stepAside)
      .then(
        () => undefined,
        (error: unknown) => {
          this.faults.push(error);
        },
      )
      .finally(() => {
        this.#running.delete(name);
        this.#kind(counted).delete(subject);
        this.wake();
      });
    this.#running.set(name, running);
  }

  #kind(kind: string): Set<Subject> {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const made = new Set<Subject>();
    this.#byKind.set(kind, made);
    return made;
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

function asideOf(kind: string): string {
  return `${kind} aside`;
}
