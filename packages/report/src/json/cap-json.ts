import { type CapSnapshot, formatUsd } from '@localize/core';
import type { CapJson } from './report-json.js';

/** A cap in force and how far it is used up, in the words that reports, plans and status share. */
export function capJson(cap: CapSnapshot): CapJson {
  const { name, scope, period } = cap;
  return {
    name,
    scope,
    period,
    cap_usd: formatUsd(cap.micros),
    billed_usd: formatUsd(cap.billedMicros),
    in_flight_usd: formatUsd(cap.inFlightMicros),
    at_risk_usd: formatUsd(cap.atRiskMicros),
    unpriced_attempts: cap.unpricedAttempts,
    left_usd: formatUsd(cap.leftMicros),
    waiting_jobs: cap.waitingJobs,
    short_usd: formatUsd(cap.shortMicros),
  };
}
