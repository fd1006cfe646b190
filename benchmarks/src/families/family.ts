import type { Section } from '../results/section.js';

export interface MeasureOptions {
  /** Every figure is the median of so many. */
  readonly rounds: number;
  /** Small counts, to see that all of it works; the figures mean little. */
  readonly quick: boolean;
  /** Batches of more jobs are left out. */
  readonly mostJobs: number;
  /** Above 100,000 jobs, a finished batch is made and resumed only up to here: its files alone take minutes. */
  readonly mostFinished: number;
  readonly say: (line: string) => void;
}

/** One kind of measurement, with a section of its own in the results. */
export interface Family {
  readonly name: string;
  measure(options: MeasureOptions): Promise<Section>;
}
