/** What one batch takes of a lane. Times are milliseconds of the lane's clock. */
export interface LaneUse {
  /** Its attempts that hold a slot. */
  readonly open: number;
  /** Its creates that hold a place of the window. */
  readonly created: number;
  /** When the last of either left; 0 where there is none. */
  readonly lastAtMs: number;
}

/** A batch that wants one more create of a lane, and the others whose runs wait for a place in it at this moment. */
export interface Sharing {
  readonly own: LaneUse;
  readonly rivals: readonly LaneUse[];
}

/**
 * So many creates a batch may take of a lane before others have their turn. Up to its equal share it asks nobody; beyond, it
 * takes what none of them waits for who has less: an end frees a slot of the run that hears of it first, which would
 * otherwise take it again each time.
 * @returns 0: somebody who waits is to have the next place
 */
export function placesOfShare({ own, rivals }: Sharing, limits: { slots: number; creates: number }): number {
  if (rivals.length === 0) return Number.POSITIVE_INFINITY;
  const { slots, creates } = limits;
  const sharers = rivals.length + 1;
  const within = Math.min(Math.floor(slots / sharers) - own.open, Math.floor(creates / sharers) - own.created);
  if (within >= 1) return within;
  const loadOf = ({ open, created }: LaneUse) => Math.max(open / slots, created / creates);
  const load = loadOf(own);
  const isBefore = (rival: LaneUse) => {
    const theirs = loadOf(rival);
    if (theirs * sharers >= 1) return false;
    return theirs < load || (theirs === load && rival.lastAtMs < own.lastAtMs);
  };
  return rivals.some(isBefore) ? 0 : 1;
}
