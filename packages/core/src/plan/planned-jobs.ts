import type { PlannedJob, PlannedJobs } from './plan.js';

/** Where the jobs of a plan go as they are made. */
export interface JobSink<Jobs extends PlannedJobs> {
  add(job: PlannedJob, priority: number): void;
  /** All of them, with their places: a higher priority first, else in the order in which they came. */
  end(): Jobs;
}

/** Keeps them in memory. */
export class JobList implements JobSink<readonly PlannedJob[]> {
  readonly #jobs: PlannedJob[] = [];
  readonly #priorities: number[] = [];

  add(job: PlannedJob, priority: number): void {
    this.#jobs.push(job);
    this.#priorities.push(priority);
  }

  end(): readonly PlannedJob[] {
    const [jobs, priorities] = [this.#jobs, this.#priorities];
    if (priorities.every((priority) => priority === priorities[0])) return jobs;
    const order = jobs.map((_, index) => index).sort((a, b) => (priorities[b] ?? 0) - (priorities[a] ?? 0) || a - b);
    return order.flatMap((index, position) => (jobs[index] === undefined ? [] : [{ ...jobs[index], position }]));
  }
}

/** The jobs that these become, each changed as it is come to, however often they are gone through. */
export function withEachJob(jobs: PlannedJobs, change: (job: PlannedJob) => PlannedJob): PlannedJobs {
  return {
    get length() {
      return jobs.length;
    },
    *[Symbol.iterator]() {
      for (const job of jobs) yield change(job);
    },
  };
}

/** Those of the jobs that are meant, likewise. */
export function jobsMeant(jobs: PlannedJobs, isMeant: (key: string) => boolean): Iterable<PlannedJob> {
  return {
    *[Symbol.iterator]() {
      for (const job of jobs) if (isMeant(job.key)) yield job;
    },
  };
}
