import type { JobSnapshot } from '@localize/core';
import type { CostRow } from './cost-groups.js';
import { addLength, costPerMinute } from './cost-per-minute.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';
import type { Tally } from './tally.js';

/** What is summed up for each video; its length is no number once one of its finished jobs has none that is known. */
interface Sums extends MoneyFigures {
  readonly jobs: number;
  readonly finishedJobs: number;
  readonly finishedMs: number;
}

const NOTHING: Sums = { ...new MoneySum().result(), jobs: 0, finishedJobs: 0, finishedMs: 0 };
const FIGURES = Object.keys(NOTHING) as (keyof Sums)[];

/** Numbers that are kept together: a column that grew by copying itself would have room for twice as many as there are. */
const BLOCK = 1024;

/** One figure of all videos, by their numbers. */
class Column {
  readonly #blocks: Float64Array[] = [];

  at(place: number): number {
    return this.#blocks[Math.floor(place / BLOCK)]?.[place % BLOCK] ?? 0;
  }

  add(place: number, value: number): void {
    const index = Math.floor(place / BLOCK);
    while (this.#blocks.length <= index) this.#blocks.push(new Float64Array(BLOCK));
    const block = this.#blocks[index];
    if (block) block[place % BLOCK] = this.at(place) + value;
  }
}

/**
 * The cost table of videos, of which a large batch may have as many as jobs. Numbers of one kind lie side by side, and of a
 * kind that no video has any there is nothing at all: a third of what an object for each line would take.
 */
export class VideoCosts implements Tally<Iterable<CostRow>> {
  /** In the order in which they came, which is that of their numbers. */
  readonly #places = new Map<string, number>();
  readonly #columns = new Map<keyof Sums, Column>();

  add(job: JobSnapshot): void {
    const place = this.#places.get(job.videoId) ?? this.#places.size;
    this.#places.set(job.videoId, place);
    const sums = sumsOf(job);
    for (const figure of FIGURES) if (sums[figure] !== 0) this.#addTo(figure, place, sums[figure]);
  }

  #addTo(figure: keyof Sums, place: number, value: number): void {
    const column = this.#columns.get(figure) ?? new Column();
    this.#columns.set(figure, column);
    column.add(place, value);
  }

  /** The most expensive first; each is made when it is come to. */
  result(): Iterable<CostRow> {
    const names = [...this.#places.keys()];
    // The larger part of what is kept, of no use any more while documents are written.
    this.#places.clear();
    const more = (figure: keyof Sums, a: number, b: number) => this.#at(figure, b) - this.#at(figure, a);
    const order = Uint32Array.from(names.keys()).sort(
      (a, b) =>
        more('billedMicros', a, b) || more('estimatedMicros', a, b) || ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1),
    );
    return { [Symbol.iterator]: () => this.#rows(names, order) };
  }

  *#rows(names: readonly string[], order: Uint32Array): Generator<CostRow> {
    for (const place of order) yield this.#row(names[place] ?? '', place);
  }

  #at(figure: keyof Sums, place: number): number {
    return this.#columns.get(figure)?.at(place) ?? 0;
  }

  #row(name: string, place: number): CostRow {
    const sums: { -readonly [Figure in keyof Sums]: number } = { ...NOTHING };
    for (const figure of FIGURES) sums[figure] = this.#at(figure, place);
    const { jobs, finishedJobs, finishedMs, ...money } = sums;
    const perFinishedMinute = costPerMinute(money, Number.isNaN(finishedMs) ? null : finishedMs);
    return { name, jobs, finishedJobs, money, perFinishedMinute };
  }
}

/** Of one job, and all that was bought for it. */
function sumsOf(job: JobSnapshot): Sums {
  const money = new MoneySum();
  money.add(job);
  const own = job.orphaned ? 0 : 1;
  const isFinished = job.state === 'succeeded';
  return {
    ...money.result(),
    jobs: own,
    finishedJobs: isFinished ? own : 0,
    finishedMs: isFinished ? (addLength(0, job) ?? Number.NaN) : 0,
  };
}
