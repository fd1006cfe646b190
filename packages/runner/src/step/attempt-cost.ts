import type { Micros } from '@localize/core';
import type { AttemptRow, CostSourceOf, JobRow } from '../store/store.js';

/** The bill of an ended prediction: the provider's word first, else our formula where it is exact, else nothing. */
export function attemptCost(
  attempt: AttemptRow,
  job: JobRow,
  { stated, completed }: { readonly stated: Micros | null; readonly completed: boolean },
): CostSourceOf {
  if (stated !== null) return { billedMicros: stated, costSource: 'provider' };
  const choice = job.planned.choices.find((each) => each.route === attempt.route);
  if (!completed || attempt.estimateMicros === null || choice?.estimate.certainty !== 'exact') return {};
  return { billedMicros: attempt.estimateMicros, costSource: 'price' };
}
