import { formatUsd } from '@localize/core';
import { knownBilled, knownEstimated, type MoneyFigures } from '../view-model/money-figures.js';
import { usd } from './job-json.js';
import type { MoneyJson } from './report-json.js';

/** The money of some jobs, in the words that reports and status share. */
export function moneyJson(money: MoneyFigures): MoneyJson {
  return {
    estimated_usd: usd(knownEstimated(money)),
    jobs_without_estimate: money.jobsWithoutEstimate,
    billed_usd: usd(knownBilled(money)),
    billed_by_formula_usd: formatUsd(money.billedByFormulaMicros),
    charged_but_failed_usd: formatUsd(money.chargedButFailedMicros),
    lost_usd: formatUsd(money.lostMicros),
    in_flight_usd: formatUsd(money.inFlightMicros),
    at_risk_usd: formatUsd(money.atRiskMicros),
    not_charged_usd: formatUsd(money.notChargedMicros),
    unpriced_attempts: money.unpricedAttempts,
    attempts: money.attempts,
  };
}
