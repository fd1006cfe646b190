import type { Failure, Prediction } from './prediction.js';

/** How a prediction goes, whenever its turn comes. */
export interface StartPlan {
  /** Not before this, whatever is free. */
  readyAt: number;
  /** It ends then unless it is begun; null where it waits for as long as it takes. */
  endsUnstartedAt: number | null;
  runMs: number;
  failure: Failure | null;
  chargesFailure: boolean;
}

/** What follows from a plan and the time of its turn. */
export type Scheduled = Pick<Prediction, 'startsAt' | 'finishesAt' | 'failure' | 'chargesFailure'>;

/** @param freeAt when it gets a slot */
export function schedule(plan: StartPlan, freeAt: number): Scheduled {
  const { readyAt, endsUnstartedAt, runMs, failure, chargesFailure } = plan;
  const startsAt = Math.max(freeAt, readyAt);
  if (endsUnstartedAt === null || startsAt <= endsUnstartedAt) {
    return { startsAt, finishesAt: startsAt + runMs, failure, chargesFailure };
  }
  const ends = { startsAt: endsUnstartedAt, finishesAt: endsUnstartedAt };
  return { ...ends, failure: { cause: 'start-timeout' }, chargesFailure: false };
}
