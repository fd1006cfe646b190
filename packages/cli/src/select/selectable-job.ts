import type { JobState, Plan, StreamedSnapshot } from '@localize/core';

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
export function selectableJobs(plan: Plan, snapshot: StreamedSnapshot | null): SelectableJob[] {
  const known = new Map<string, SelectableJob>();
  for (const { key, videoId, language, labels, route, state } of snapshot?.jobs ?? []) {
    known.set(key, { key, videoId, language, labels, route, state });
  }
  const planned = Array.from(plan.jobs, ({ key, videoId, language, labels, choices }): SelectableJob => {
    const job = known.get(key);
    known.delete(key);
    const route = job?.route ?? choices[0]?.route ?? null;
    return { key, videoId, language, labels, route, state: job?.state ?? 'pending' };
  });
  return [...planned, ...known.values()];
}
