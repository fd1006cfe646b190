import type { AttemptSnapshot, JobSnapshot } from '@localize/core';
import { type CostPerMinute, costPerMinute } from './cost-per-minute.js';
import { labelKeys, labelOf } from './labels.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';

/** One line of a cost table. */
export interface CostRow {
  readonly name: string;
  /** Jobs that are in the manifest; the money of removed ones counts all the same. */
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
export const NO_NAME = '(none)';

const BY_PROVIDER: Dimension = { ofJob: providerOf, ofAttempt: (attempt) => attempt.provider };
const BY_ROUTE: Dimension = { ofJob: (job) => job.route ?? NO_NAME, ofAttempt: (attempt) => attempt.route };
const BY_LANGUAGE: Dimension = { ofJob: (job) => job.language };
const BY_VIDEO: Dimension = { ofJob: (job) => job.videoId };

export interface CostGroups {
  readonly provider: readonly CostRow[];
  readonly route: readonly CostRow[];
  readonly language: readonly CostRow[];
  readonly video: readonly CostRow[];
  /** One table for each label key that any job has. */
  readonly labels: Readonly<Record<string, readonly CostRow[]>>;
  /** By the day, in UTC, on which the attempt was made; oldest first. */
  readonly day: readonly CostRow[];
}

/** Splits the money of a batch every way that the report shows; the most expensive line first. */
export function costGroups(jobs: readonly JobSnapshot[]): CostGroups {
  return {
    provider: costRows(jobs, BY_PROVIDER),
    route: costRows(jobs, BY_ROUTE),
    language: costRows(jobs, BY_LANGUAGE),
    video: costRows(jobs, BY_VIDEO),
    labels: Object.fromEntries(labelKeys(jobs).map((key) => [key, costRows(jobs, byLabel(key))])),
    day: dayRows(jobs),
  };
}

function byLabel(key: string): Dimension {
  return { ofJob: (job) => labelOf(job, key) ?? NO_NAME };
}

function providerOf(job: JobSnapshot): string {
  return job.route?.split('/')[0] ?? NO_NAME;
}

class Line {
  readonly sum = new MoneySum();
  #jobs = 0;
  #lastJob: JobSnapshot | null = null;
  readonly #finished: JobSnapshot[] = [];

  /** Attempts of one job come one after the other, so that the last job alone is one that may come again. */
  addJob(job: JobSnapshot): void {
    if (!job.orphaned && job !== this.#lastJob) this.#jobs += 1;
    this.#lastJob = job;
  }

  addFinished(job: JobSnapshot): void {
    this.#finished.push(job);
  }

  row(name: string): CostRow {
    const money = this.sum.figures();
    return {
      name,
      jobs: this.#jobs,
      finishedJobs: this.#finished.filter((job) => !job.orphaned).length,
      money,
      perFinishedMinute: costPerMinute(money, this.#finished),
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

  rows(): CostRow[] {
    return [...this.#lines].map(([name, line]) => line.row(name));
  }
}

function costRows(jobs: readonly JobSnapshot[], dimension: Dimension): CostRow[] {
  const lines = new Lines();
  for (const job of jobs) {
    const own = lines.at(dimension.ofJob(job));
    own.sum.addEstimate(job);
    own.addJob(job);
    if (job.state === 'succeeded') own.addFinished(job);
    for (const attempt of job.attempts) {
      const line = dimension.ofAttempt ? lines.at(dimension.ofAttempt(attempt)) : own;
      line.sum.addAttempt(attempt);
      line.addJob(job);
    }
  }
  return lines.rows().sort(mostExpensiveFirst);
}

/** A day has no estimate of its own, and a job belongs to the day of its last attempt. */
function dayRows(jobs: readonly JobSnapshot[]): CostRow[] {
  const lines = new Lines();
  for (const job of jobs) {
    for (const attempt of job.attempts) {
      const line = lines.at(dayOf(attempt.createdAtMs));
      line.sum.addAttempt(attempt);
      line.addJob(job);
    }
    const last = job.attempts.at(-1);
    if (last && job.state === 'succeeded') lines.at(dayOf(last.createdAtMs)).addFinished(job);
  }
  return lines.rows().sort((a, b) => compareText(a.name, b.name));
}

const DAY_MS = 24 * 3_600_000;
const days = new Map<number, string>();

function dayOf(epochMs: number): string {
  const number = Math.floor(epochMs / DAY_MS);
  const day = days.get(number) ?? new Date(number * DAY_MS).toISOString().slice(0, 10);
  days.set(number, day);
  return day;
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
