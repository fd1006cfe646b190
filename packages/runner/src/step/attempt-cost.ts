import type { Micros, PriceFormula, Route } from '@localize/core';
import type { AttemptRow, CostSourceOf, JobRow } from '../store/store.js';

/**
 * The bill of an ended prediction: the provider's word first, else our formula where it is exact, else nothing.
 * @param route the attempt's, for what the manifest does not send there any more
 */
export function attemptCost(
  attempt: AttemptRow,
  job: JobRow,
  { stated, completed, route }: { readonly stated: Micros | null; readonly completed: boolean; readonly route?: Route },
): CostSourceOf {
  if (stated !== null) return { billedMicros: stated, costSource: 'provider' };
  const choice = job.planned.choices.find((each) => each.route === attempt.route);
  const isExact = choice ? choice.estimate.certainty === 'exact' : route !== undefined && saysAll(route.price);
  if (!completed || attempt.estimateMicros === null || !isExact) return {};
  return { billedMicros: attempt.estimateMicros, costSource: 'price' };
}

/** Whether a price tells what a job costs, once its length is known. */
function saysAll({ kind }: PriceFormula): boolean {
  return kind !== 'floor' && kind !== 'unknown';
}
