/** What holds for a lane at a moment, counted while {@link Steps} walks through time. */
const COUNTERS = [
  'open',
  'window',
  'othersOpen',
  'othersWindow',
  'lowered',
  'ready',
  'staging',
  'closed',
  'paused',
  'doubt',
  'unreachable',
  'busy',
  'finishing',
  'budget',
  'broke',
  'twin',
  'told',
  'uploading',
  'idle',
] as const;
export type Counter = (typeof COUNTERS)[number];
export type Counts = Record<Counter, number>;

/** More than all codes that go with a time. */
const CODES = 64;

/**
 * Changes of the counters in the order of time. A time and what changes then are one number, since numbers sort many times
 * faster than objects, and a large batch has a million of them.
 */
export class Steps {
  readonly #steps: number[] = [];

  add(counter: Counter, fromMs: number, toMs: number): void {
    if (toMs <= fromMs) return;
    const code = COUNTERS.indexOf(counter) * 2;
    this.#steps.push(Math.round(fromMs) * CODES + code + 1, Math.round(toMs) * CODES + code);
  }

  /** Tells each stretch of time with the counters that held in it. */
  walk(tell: (counts: Readonly<Counts>, fromMs: number, toMs: number) => void): void {
    const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Counts;
    let lastMs = 0;
    for (const step of Float64Array.from(this.#steps).sort()) {
      const code = step % CODES;
      const atMs = (step - code) / CODES;
      if (atMs > lastMs && lastMs > 0) tell(counts, lastMs, atMs);
      lastMs = atMs;
      const counter = COUNTERS[code >> 1];
      if (counter) counts[counter] += code % 2 === 1 ? 1 : -1;
    }
  }
}
