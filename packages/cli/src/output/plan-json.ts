import { formatUsd } from '@localize/core';
import type { PlanView, Sum } from './plan-view.js';

/** `localize plan --json`. Money is text in US dollars, as everywhere in machine output. */
export function planJson(view: PlanView) {
  return {
    batch: view.plan.batch,
    emulated: view.plan.emulate,
    output_dir: view.plan.outputDir,
    total: sumJson(view.total),
    by_provider: view.byProvider.map(sumJson),
    by_language: view.byLanguage.map(sumJson),
    forecast_seconds: Math.round(view.forecastMs / 1000),
    warnings: view.warnings,
    jobs: view.rows.map((row) => ({
      key: row.job.key,
      video: row.job.videoId,
      language: row.job.language,
      labels: row.job.labels,
      state: row.state,
      to_buy: row.buys,
      route: row.route,
      billed_seconds: row.billedSeconds,
      price_usd: row.micros === null ? null : formatUsd(row.micros),
      certainty: row.certainty,
      output: row.job.output,
      choices: row.job.choices.map(({ route, estimate }) => ({
        route,
        price_usd: estimate.micros === null ? null : formatUsd(estimate.micros),
      })),
      ineligible: row.job.ineligible,
    })),
  };
}

function sumJson(sum: Sum) {
  return {
    name: sum.name,
    jobs: sum.jobs,
    price_usd: formatUsd(sum.known),
    unpriced_jobs: sum.unknown,
    is_floor: sum.floor,
  };
}
