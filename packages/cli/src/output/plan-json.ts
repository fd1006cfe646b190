import { formatUsd, type PlanTotal, priceWords } from '@localize/core';
import { capJson } from '@localize/report';
import type { PlanView } from './plan-view.js';

/** `localize plan --json`. Money is text in US dollars, as everywhere in machine output. */
export function planJson(view: PlanView) {
  const { summary } = view;
  return {
    batch: view.plan.batch,
    emulated: view.plan.emulate,
    output_dir: view.plan.outputDir,
    total: totalJson(summary.total),
    by_provider: summary.byProvider.map(totalJson),
    by_route: summary.byRoute.map(totalJson),
    by_language: summary.byLanguage.map(totalJson),
    by_video: summary.byVideo.map(totalJson),
    by_label: summary.byLabel.map(totalJson),
    forecast_seconds: Math.round(summary.forecast.milliseconds / 1000),
    space_bytes: view.spaceBytes,
    remakes: view.remakes.map(({ key, fields, micros, approved }) => ({
      key,
      changed: fields,
      approved,
      price_usd: micros === null ? null : formatUsd(micros),
    })),
    runners_up: view.runnersUp.map((other) => ({
      route: other.route,
      jobs: other.jobs,
      price_usd: formatUsd(other.micros),
      difference_usd: formatUsd(other.differenceMicros),
      unpriced_jobs: other.unpricedJobs,
      minimum_jobs: other.minimumJobs,
    })),
    ...(view.budget.length > 0 ? { budget: view.budget.map(capJson) } : {}),
    prices: Object.entries(view.plan.prices).map(([route, price]) => ({
      route,
      price: priceWords(price),
      from: price.source.kind,
      source: price.source.text,
      date: price.source.date || null,
    })),
    problems: view.problems,
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

function totalJson(total: PlanTotal) {
  return {
    name: total.name,
    jobs: total.jobs,
    price_usd: formatUsd(total.estimatedMicros),
    unpriced_jobs: total.unpricedJobs,
    minimum_jobs: total.minimumJobs,
  };
}
