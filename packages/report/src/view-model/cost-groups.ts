import { type AttemptSnapshot, calendarDay, type JobSnapshot } from '@localize/core';
import { addLength, type CostPerMinute, costPerMinute } from './cost-per-minute.js';
import { labelOf } from './labels.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';
import { type Tally, tallied } from './tally.js';
import { VideoCosts } from './video-costs.js';

/** One line of a cost table. */
export interface CostRow {
  readonly name: string;
  /**
   * Jobs that are in the manifest and fall here: a job that moved to another route is one of that route alone. The money of
   * removed ones, and of attempts that a job made elsewhere, counts all the same.
   */
  readonly jobs: number;
  readonly finishedJobs: number;
  readonly money: MoneyFigures;
  /** `null` where nothing with a known length is finished. */
  readonly perFinishedMinute: CostPerMinute | null;
}

/** A way to split the money: by what a job is, or by what each of its attempts was. */
interface Dimension {
  readonly ofJob: (job: JobSnapshot) => string;
  /** Absent where all attempts of a job fall where the job falls. */
  readonly ofAttempt?: (attempt: AttemptSnapshot) => string;
}

/** Stands for a job that has no route, or not that label. */
const NO_NAME = '(none)';

const BY_PROVIDER: Dimension = { ofJob: providerOf, ofAttempt: (attempt) => attempt.provider };
const BY_ROUTE: Dimension = { ofJob: (job) => job.route ?? NO_NAME, ofAttempt: (attempt) => attempt.route };
const BY_LANGUAGE: Dimension = { ofJob: (job) => job.language };
const BY_VIDEO: Dimension = { ofJob: (job) => job.videoId };

const DIMENSIONS = { provider: BY_PROVIDER, route: BY_ROUTE, language: BY_LANGUAGE, video: BY_VIDEO };

export interface CostGroups {
  readonly provider: readonly CostRow[];
  readonly route: readonly CostRow[];
  readonly language: readonly CostRow[];
  /** Made as they are gone through: there may be as many as jobs. */
  readonly video: Iterable<CostRow>;
  /** One table for each label key that any job has. */
  readonly labels: Readonly<Record<string, readonly CostRow[]>>;
  /** By the day on which the attempt was made, as caps of a day count it; oldest first. */
  readonly day: readonly CostRow[];
}

/**
 * Splits the money of a batch every way that the report shows; the most expensive line first.
 * @param timeZone whose days it is split by
 */
export function costGroups(jobs: Iterable<JobSnapshot>, timeZone: string): CostGroups {
  return tallied(jobs, new CostGroupsTally(timeZone));
}

/** One of those ways. */
export type CostSplit = keyof typeof DIMENSIONS | { readonly label: string } | { readonly daysIn: string };

/** Splits it that way alone. */
export function costRows(jobs: Iterable<JobSnapshot>, split: CostSplit): CostRow[] {
  if (typeof split === 'string') return tallied(jobs, new Split(DIMENSIONS[split]));
  return tallied(jobs, 'daysIn' in split ? new DaySplit(split.daysIn) : new Split(byLabel(split.label)));
}

export class CostGroupsTally implements Tally<CostGroups> {
  readonly #routeAndLabels = new RouteAndLabelsTally();
  readonly #provider = new Split(BY_PROVIDER);
  readonly #language = new Split(BY_LANGUAGE);
  readonly #video = new VideoCosts();
  readonly #days: DaySplit;

  constructor(timeZone: string) {
    this.#days = new DaySplit(timeZone);
  }

  add(job: JobSnapshot): void {
    for (const part of [this.#routeAndLabels, this.#provider, this.#language, this.#video, this.#days]) part.add(job);
  }

  result(): CostGroups {
    return {
      ...this.#routeAndLabels.result(),
      provider: this.#provider.result(),
      language: this.#language.result(),
      video: this.#video.result(),
      day: this.#days.result(),
    };
  }
}

/** The ways that do not grow with the number of videos. */
export class RouteAndLabelsTally implements Tally<Pick<CostGroups, 'route' | 'labels'>> {
  readonly #route = new Split(BY_ROUTE);
  readonly #labels = new Map<string, Split>();
  /** All jobs so far: the first line of a label that none of them has. */
  readonly #whole = new Line();

  add(job: JobSnapshot): void {
    for (const key of Object.keys(job.labels)) {
      if (!this.#labels.has(key)) this.#labels.set(key, new Split(byLabel(key), this.#whole));
    }
    for (const split of [this.#route, ...this.#labels.values()]) split.add(job);
    this.#whole.addWhole(job);
  }

  result(): Pick<CostGroups, 'route' | 'labels'> {
    const keys = [...this.#labels.keys()].sort();
    return {
      route: this.#route.result(),
      labels: Object.fromEntries(keys.map((key) => [key, this.#labels.get(key)?.result() ?? []])),
    };
  }
}

function byLabel(key: string): Dimension {
  return { ofJob: (job) => labelOf(job, key) ?? NO_NAME };
}

function providerOf(job: JobSnapshot): string {
  return job.route?.split('/')[0] ?? NO_NAME;
}

/** One line while it grows. */
class Line {
  #money = new MoneySum();
  #jobs = 0;
  #isEmpty = true;
  #finishedJobs = 0;
  #finishedMs: number | null = 0;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  copy(): Line {
    const copied = new Line();
    copied.#money = this.#money.copy();
    copied.#jobs = this.#jobs;
    copied.#isEmpty = this.#isEmpty;
    copied.#finishedJobs = this.#finishedJobs;
    copied.#finishedMs = this.#finishedMs;
    return copied;
  }

  /** A job with its estimate, and what came out of it. */
  addJob(job: JobSnapshot): void {
    this.#money.addEstimate(job);
    this.addStanding(job);
  }

  /** Whether it is done. */
  addStanding(job: JobSnapshot): void {
    this.#isEmpty = false;
    if (!job.orphaned) this.#jobs += 1;
    if (job.state !== 'succeeded') return;
    if (!job.orphaned) this.#finishedJobs += 1;
    this.#finishedMs = addLength(this.#finishedMs, job);
  }

  addAttempt(attempt: AttemptSnapshot): void {
    this.#isEmpty = false;
    this.#money.addAttempt(attempt);
  }

  addWhole(job: JobSnapshot): void {
    this.addJob(job);
    for (const attempt of job.attempts) this.addAttempt(attempt);
  }

  row(name: string): CostRow {
    const money = this.#money.result();
    return {
      name,
      jobs: this.#jobs,
      finishedJobs: this.#finishedJobs,
      money,
      perFinishedMinute: costPerMinute(money, this.#finishedMs),
    };
  }
}

class Lines {
  readonly #lines = new Map<string, Line>();

  at(name: string): Line {
    const line = this.#lines.get(name) ?? new Line();
    this.#lines.set(name, line);
    return line;
  }

  begin(name: string, line: Line): void {
    this.#lines.set(name, line);
  }

  rows(): CostRow[] {
    return Array.from(this.#lines, ([name, line]) => line.row(name));
  }
}

class Split implements Tally<CostRow[]> {
  readonly #lines = new Lines();
  readonly #dimension: Dimension;

  /** @param nameless jobs before the first that this dimension has a name for */
  constructor(dimension: Dimension, nameless?: Line) {
    this.#dimension = dimension;
    if (nameless && !nameless.isEmpty) this.#lines.begin(NO_NAME, nameless.copy());
  }

  add(job: JobSnapshot): void {
    const { ofJob, ofAttempt } = this.#dimension;
    const own = this.#lines.at(ofJob(job));
    if (ofAttempt === undefined) {
      own.addWhole(job);
      return;
    }
    own.addJob(job);
    for (const attempt of job.attempts) this.#lines.at(ofAttempt(attempt)).addAttempt(attempt);
  }

  result(): CostRow[] {
    return this.#lines.rows().sort(mostExpensiveFirst);
  }
}

/** A day has no estimate of its own, and a job belongs to the day of its last attempt. */
class DaySplit implements Tally<CostRow[]> {
  readonly #lines = new Lines();
  readonly #timeZone: string;

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  add(job: JobSnapshot): void {
    for (const attempt of job.attempts) this.#lineOf(attempt).addAttempt(attempt);
    const last = job.attempts.at(-1);
    if (last) this.#lineOf(last).addStanding(job);
  }

  #lineOf({ createdAtMs }: AttemptSnapshot): Line {
    return this.#lines.at(calendarDay(createdAtMs, this.#timeZone));
  }

  result(): CostRow[] {
    return this.#lines.rows().sort((a, b) => compareText(a.name, b.name));
  }
}

function mostExpensiveFirst(a: CostRow, b: CostRow): number {
  return (
    b.money.billedMicros - a.money.billedMicros ||
    b.money.estimatedMicros - a.money.estimatedMicros ||
    compareText(a.name, b.name)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
