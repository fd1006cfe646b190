import { admission, type LaneFacts, type PauseCause } from './lane-admission.js';

/** Jobs that are not bought yet and would go to a lane. */
export interface WaitingJobs {
  readonly waiting: number;
  /** Those of them that the budget has room for. */
  readonly affordable: number;
  /** A create is out whose reply is to tell a price of which only a minimum is known: no further one leaves before it. */
  readonly awaitPrice?: boolean;
  /** Until when no file is tried to be uploaded for it, since uploads fail; `null`: they go. */
  readonly uploadsAtMs?: number | null;
}

/**
 * What a lane waits for before its next create leaves. `untilMs` is `null` where no time is known: only a reply or an
 * end can tell.
 */
export type LaneWait =
  /** Until a person has helped: the key was refused or the balance is empty. */
  | { readonly for: 'person'; readonly why: string }
  /** No job of the batch is left for it. */
  | { readonly for: 'nothing' }
  | { readonly for: 'budget' }
  | { readonly for: 'pause'; readonly cause: PauseCause | null; readonly untilMs: number }
  /** Creates went wrong, so the next one waits for the reply of the one that is out. */
  | { readonly for: 'reply' }
  /** All that may be open at once are, or the next place is another batch's. */
  | { readonly for: 'slot' }
  | { readonly for: 'window'; readonly untilMs: number | null }
  /** There is a place, and the one create that is out is to tell what the next ones cost. */
  | { readonly for: 'price' }
  /** There is a place, and files go up again only then: uploads failed. */
  | { readonly for: 'upload'; readonly untilMs: number }
  /** There is a place: the next job is being staged, or no run is at work. */
  | { readonly for: 'job' };

/** Says what a lane waits for by the very {@link admission} that lets its creates through. */
export function laneWait(facts: LaneFacts, jobs: WaitingJobs, nowMs: number): LaneWait {
  if (facts.closed !== null) return { for: 'person', why: facts.closed };
  if (jobs.waiting === 0) return { for: 'nothing' };
  if (jobs.affordable === 0) return { for: 'budget' };
  const look = admission(facts, nowMs);
  if (look.admitted) {
    if (jobs.awaitPrice) return { for: 'price' };
    const uploadsAtMs = jobs.uploadsAtMs ?? null;
    return uploadsAtMs === null ? { for: 'job' } : { for: 'upload', untilMs: uploadsAtMs };
  }
  switch (look.why) {
    case 'closed':
      return { for: 'person', why: facts.closed ?? '' };
    case 'paused':
      return { for: 'pause', cause: facts.pausedFor, untilMs: look.untilMs };
    case 'one-at-a-time':
      return { for: 'reply' };
    case 'concurrency':
    case 'shared':
      return { for: 'slot' };
    case 'window':
      return { for: 'window', untilMs: Number.isFinite(look.untilMs) ? look.untilMs : null };
  }
}
