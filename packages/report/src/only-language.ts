import type { JobSnapshot, Snapshot } from '@localize/core';

/** The same batch with the jobs of one language alone. */
export function onlyLanguage(snapshot: Snapshot, language: string): Snapshot {
  return { ...snapshot, jobs: snapshot.jobs.filter((job) => job.language === language) };
}

/**
 * What a native speaker needs of a batch, for a page that leaves the house: its videos, what was measured in them and what
 * was said of them. How they were made, by whom and for how much stays here.
 */
export function forReviewer(snapshot: Snapshot): Snapshot {
  const { budget: _, ...rest } = snapshot;
  return { ...rest, manifest: '', runs: [], lanes: [], warnings: [], jobs: snapshot.jobs.map(jobForReviewer) };
}

function jobForReviewer({ waitsForMoney: _, alternatives: __, redo: ___, ...job }: JobSnapshot): JobSnapshot {
  return { ...job, route: null, estimateMicros: null, holdReason: null, reason: null, mend: null, attempts: [] };
}
