import {
  type AttemptSnapshot,
  type CostTotals,
  costTotals,
  formatUsd,
  jobTotals,
  rateLimitedTotal,
  type Snapshot,
} from '@localize/core';

/** The totals of a batch as `status --json` and the last line of `run --json` have them. */
export function totalsJson(snapshot: Snapshot) {
  return {
    batch: snapshot.batch,
    totals: jobTotals(snapshot.jobs),
    cost: costJson(costTotals(snapshot.jobs)),
    rate_limited: rateLimitedTotal(snapshot),
  };
}

/** The whole document of `status --json`. */
export function statusJson(snapshot: Snapshot) {
  return {
    ...totalsJson(snapshot),
    jobs: snapshot.jobs.map(({ key, state, route, output, reason, mend, attempts }) => ({
      key,
      state,
      route,
      output,
      reason,
      mend,
      attempts: attempts.map(attemptJson),
    })),
  };
}

function costJson(cost: CostTotals) {
  return {
    estimated_usd: formatUsd(cost.estimatedMicros),
    billed_usd: formatUsd(cost.billedMicros),
    in_flight_usd: formatUsd(cost.inFlightMicros),
    at_risk_usd: formatUsd(cost.atRiskMicros),
    lost_usd: formatUsd(cost.lostMicros),
    unpriced_attempts: cost.unpricedAttempts,
  };
}

function attemptJson(attempt: AttemptSnapshot) {
  return {
    route: attempt.route,
    lane: attempt.lane,
    state: attempt.state,
    prediction_id: attempt.predictionId,
    cost_usd: attempt.billedMicros === null ? null : formatUsd(attempt.billedMicros),
    cost_source: attempt.costSource,
    created_at: new Date(attempt.createdAtMs).toISOString(),
    ended_at: attempt.endedAtMs === null ? null : new Date(attempt.endedAtMs).toISOString(),
  };
}
