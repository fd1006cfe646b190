import type { LaneLimits } from '../provider/route.js';

/** A lane as the clock starts. Times are milliseconds from then. */
export interface LaneAtStart {
  readonly limits: LaneLimits;
  /** When what holds its slots ends. */
  readonly ends?: readonly number[];
  /** Its last starts, oldest first, none above 0. */
  readonly starts?: readonly number[];
  /** It starts nothing before. */
  readonly closedMs?: number;
}

/** Lanes that are all alike, with nothing on them. */
export function startQueue(lanes: number, limits: LaneLimits) {
  return queueOf(Array.from({ length: lanes }, () => ({ limits })));
}

/** Lanes on a clock that starts at 0: each job goes to the lane that can start it first. */
export function queueOf(lanes: readonly LaneAtStart[]) {
  const all = lanes.map((lane) => new Lane(lane));
  return {
    /** Starts one more job and says when it ends. */
    run(milliseconds: number): number {
      const lane = all.reduce((best, next) => (next.earliest() < best.earliest() ? next : best));
      return lane.start(milliseconds);
    },
  };
}

class Lane {
  readonly #limits: LaneLimits;
  readonly #closedMs: number;
  /** Ends of the running jobs as a binary heap: the first to end is at the top. */
  readonly #ends: number[];
  /** The last `creates` starts, as a ring. */
  readonly #starts: number[];
  #next: number;

  constructor({ limits, ends = [], starts = [], closedMs = 0 }: LaneAtStart) {
    this.#limits = limits;
    this.#closedMs = closedMs;
    // Where more is open than the limit allows by now, the first ends free nothing. A sorted array is a heap.
    this.#ends = [...ends].sort((a, b) => a - b).slice(-limits.concurrent);
    this.#starts = starts.slice(-limits.creates);
    this.#next = this.#starts.length % limits.creates;
  }

  earliest(): number {
    const slot = this.#ends.length < this.#limits.concurrent ? 0 : (this.#ends[0] ?? 0);
    const oldest = this.#starts.length < this.#limits.creates ? undefined : this.#starts[this.#next];
    return Math.max(slot, this.#closedMs, oldest === undefined ? 0 : oldest + this.#limits.perMs);
  }

  start(milliseconds: number): number {
    const at = this.earliest();
    this.#starts[this.#next] = at;
    this.#next = (this.#next + 1) % this.#limits.creates;
    const end = at + milliseconds;
    if (this.#ends.length < this.#limits.concurrent) siftUp(this.#ends, end);
    else siftDown(this.#ends, end);
    return end;
  }
}

function siftUp(heap: number[], value: number): void {
  let index = heap.push(value) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if ((heap[parent] ?? 0) <= value) break;
    heap[index] = heap[parent] ?? 0;
    index = parent;
  }
  heap[index] = value;
}

/** Puts a value in the place of the top. */
function siftDown(heap: number[], value: number): void {
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const child = right < heap.length && (heap[right] ?? 0) < (heap[left] ?? 0) ? right : left;
    if ((heap[child] ?? 0) >= value) break;
    heap[index] = heap[child] ?? 0;
    index = child;
  }
  heap[index] = value;
}
