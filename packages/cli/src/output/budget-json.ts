import { type CapSnapshot, formatUsd } from '@localize/core';

/** Every cap in force and how far it is used up. */
export function budgetJson(budget: readonly CapSnapshot[]) {
  return budget.map((cap) => ({
    name: cap.name,
    scope: cap.scope,
    period: cap.period,
    cap_usd: formatUsd(cap.micros),
    billed_usd: formatUsd(cap.billedMicros),
    in_flight_usd: formatUsd(cap.inFlightMicros),
    at_risk_usd: formatUsd(cap.atRiskMicros),
    left_usd: formatUsd(cap.leftMicros),
    waiting_jobs: cap.waitingJobs,
    short_usd: formatUsd(cap.shortMicros),
  }));
}
