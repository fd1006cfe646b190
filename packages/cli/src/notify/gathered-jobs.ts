import type { Stopped } from './notice.js';

/** Jobs that are held within so long are told of together. */
const GATHER_MS = 2_000;

/** Jobs that wait for a person, until they are told of: together, a moment after the first. */
export interface GatheredJobs {
  /** Told of within a moment. */
  add(job: Stopped): void;
  /** Nobody is told of a job that goes on. */
  drop(key: string): void;
  /** Tells of those that are there and of `more`, at once. */
  tell(more?: readonly Stopped[]): void;
}

/** @param send is given one job at least */
export function gatherJobs(send: (jobs: readonly Stopped[]) => void): GatheredJobs {
  let jobs: readonly Stopped[] = [];
  let timer: NodeJS.Timeout | undefined;

  function tell(more: readonly Stopped[] = []): void {
    clearTimeout(timer);
    timer = undefined;
    const all = [...jobs, ...more];
    jobs = [];
    if (all.length > 0) send(all);
  }

  return {
    add(job) {
      jobs = [...jobs, job];
      timer ??= setTimeout(() => tell(), GATHER_MS);
    },
    drop(key) {
      jobs = jobs.filter((job) => job.key !== key);
    },
    tell,
  };
}
