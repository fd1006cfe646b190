import type { LaneStatus } from '@localize/core';

/** A lane as `limits --json` and `status --json` have it. */
export function laneJson(lane: LaneStatus) {
  const { limits, from, wait } = lane;
  const until = 'untilMs' in wait ? wait.untilMs : null;
  return {
    lane: lane.lane,
    provider: lane.provider,
    former_key: lane.former === true,
    concurrent: limits.concurrent,
    creates: limits.creates,
    per_seconds: limits.perMs / 1000,
    limits_from: { concurrent: from.concurrent, creates: from.creates, per_seconds: from.perMs },
    learned_concurrent: lane.learnedConcurrent,
    open: lane.open,
    open_uncertain: lane.doubtful,
    creates_in_window: lane.inWindow,
    next_place_at: isoTime(lane.nextPlaceAtMs),
    rate_limited: lane.rateLimited,
    waiting_jobs: lane.waitingJobs,
    waits_for: wait.for,
    until: isoTime(until),
    why: wait.for === 'person' ? wait.why : wait.for === 'pause' ? wait.cause : null,
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
