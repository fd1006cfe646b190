import { type AssetSource, fingerprintText, type PlannedJob, urlContentId } from '@localize/core';
import { contentsBy } from '../content/fingerprint.js';

/**
 * What jobs ask for, by the names of their files, which are not read: tells whether two manifests ask for the same, also
 * before anything of it was bought.
 */
export class AskedFor {
  readonly #ways: Set<string>;

  constructor(jobs: Iterable<PlannedJob>) {
    this.#ways = new Set();
    for (const job of jobs) for (const way of waysOf(job)) this.#ways.add(way);
  }

  /** Whether one of them may be made as this job may. */
  has(job: PlannedJob): boolean {
    return waysOf(job).some((way) => this.#ways.has(way));
  }
}

function waysOf(job: PlannedJob): string[] {
  const contents = contentsBy(nameOf, job);
  return job.choices.map(({ route, input }) => fingerprintText({ ...contents, route, input }));
}

function nameOf(source: AssetSource): string {
  return source.kind === 'file' ? source.path : urlContentId(source.url);
}
