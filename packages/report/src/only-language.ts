import type { Snapshot } from '@localize/core';

/** The same batch with the jobs of one language alone: for a page that goes to a native speaker. */
export function onlyLanguage(snapshot: Snapshot, language: string): Snapshot {
  return { ...snapshot, jobs: snapshot.jobs.filter((job) => job.language === language) };
}
