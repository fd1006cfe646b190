import type { Plan } from '@localize/core';
import { BatchJobs, type ListedJob, listJobs, type Store } from '@localize/runner';
import { type SelectableJob, selectableJobs } from '../select/selectable-job.js';
import { once } from './once.js';
import { type SnapshotSource, withTakenSnapshot } from './take-snapshot.js';

/** A job of a batch, to select by, and whether it has left the manifest. */
export type KnownJob = SelectableJob & Pick<ListedJob, 'orphaned'>;

/**
 * The jobs of a batch as {@link selectableJobs} has them, for a state of many: key and state are read of each, which most
 * selections go by, and more only when a label, a provider or a route is asked for.
 */
export function knownJobs(store: Store, source: SnapshotSource): KnownJob[] {
  const { plan } = source.batch;
  const whole = once(() =>
    withTakenSnapshot(store, source, (snapshot) => {
      return new Map(selectableJobs(plan, snapshot).map((job) => [job.key, job]));
    }),
  );
  return Array.from(inPlanOrder(plan, listJobs(store, plan.batch)), (job) => new JobByKey(job, whole));
}

/** With those that have come into the manifest since the last run. */
function inPlanOrder({ jobs }: Plan, listed: readonly ListedJob[]): Iterable<ListedJob> {
  // What the state has registered, it has told.
  if (jobs instanceof BatchJobs && jobs.isInState) return listed;
  const known = new Map(listed.map((job) => [job.key, job]));
  const planned = Array.from(jobs, ({ key }): ListedJob => {
    const job = known.get(key);
    known.delete(key);
    return job ?? { key, state: 'pending', orphaned: false };
  });
  return [...planned, ...known.values()];
}

class JobByKey implements KnownJob {
  readonly key: string;
  readonly state: ListedJob['state'];
  readonly orphaned: boolean;
  readonly #whole: () => ReadonlyMap<string, SelectableJob>;

  constructor({ key, state, orphaned }: ListedJob, whole: () => ReadonlyMap<string, SelectableJob>) {
    this.key = key;
    this.state = state;
    this.orphaned = orphaned;
    this.#whole = whole;
  }

  /** A key is `<video id>/<language tag>`, and no tag has a slash. */
  get videoId(): string {
    return this.key.slice(0, this.key.lastIndexOf('/'));
  }

  get language(): string {
    return this.key.slice(this.key.lastIndexOf('/') + 1);
  }

  get labels(): SelectableJob['labels'] {
    return this.#whole().get(this.key)?.labels ?? {};
  }

  get route(): string | null {
    return this.#whole().get(this.key)?.route ?? null;
  }
}
