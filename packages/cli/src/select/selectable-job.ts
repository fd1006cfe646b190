import type { JobState, Plan, Snapshot } from '@localize/core';

/** What a selection can ask of a job. */
export interface SelectableJob {
  readonly key: string;
  readonly videoId: string;
  /** Canonical. */
  readonly language: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The route that made it or would make it. */
  readonly route: string | null;
  readonly state: JobState;
}

/** The jobs of the manifest in its order, as the state knows them; then those that have left the manifest. */
export function selectableJobs(plan: Plan, snapshot: Snapshot | null): SelectableJob[] {
  const known = new Map(snapshot?.jobs.map((job) => [job.key, job]));
  const planned = [...plan.jobs].map(({ key, videoId, language, labels, choices }): SelectableJob => {
    const job = known.get(key);
    const route = job?.route ?? choices[0]?.route ?? null;
    return { key, videoId, language, labels, route, state: job?.state ?? 'pending' };
  });
  const inManifest = new Set(planned.map(({ key }) => key));
  return [...planned, ...[...known.values()].filter(({ key }) => !inManifest.has(key))];
}
