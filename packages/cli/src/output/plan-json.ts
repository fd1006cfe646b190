import { formatUsd, knownEstimate, type Micros, type PlanTotal, priceWords } from '@localize/core';
import { capJson } from '@localize/report';
import type { PlanRow } from '../batch/plan-rows.js';
import type { PlanRemake, PlanView } from './plan-view.js';
import type { RunnerUp } from './runners-up.js';
import { waitingJson } from './status-json.js';

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
    remakes: view.remakes.map(remakeJson),
    displaced_jobs: view.displaced,
    outdated: view.outdated.map(remakeJson),
    taken_back: view.takenBack.map(({ key, fields }) => ({ key, changed: fields })),
    runners_up: view.runnersUp.map(runnerUpJson),
    ...(view.budget.length > 0
      ? { budget: view.budget.map(capJson), waiting_for_money: waitingJson(view.unpaid) }
      : {}),
    prices: Object.entries(view.plan.prices).map(([route, price]) => ({
      route,
      price: priceWords(price),
      from: price.source.kind,
      source: price.source.text,
      date: price.source.date || null,
    })),
    problems: view.problems,
    warnings: view.warnings,
    jobs: view.rows.map(rowJson),
  };
}

function rowJson({ job, state, route, billedSeconds, micros, certainty, buys, takes }: PlanRow) {
  return {
    key: job.key,
    video: job.videoId,
    language: job.language,
    labels: job.labels,
    state,
    to_buy: buys,
    taken_from: takes?.kind ?? null,
    twin_of: takes?.kind === 'twin' ? takes.of : null,
    route,
    resolution: job.choices.find((choice) => choice.route === route)?.input.resolution ?? null,
    billed_seconds: billedSeconds,
    price_usd: usd(micros),
    certainty,
    output: job.output,
    choices: job.choices.map(({ route, input, estimate }) => ({
      route,
      resolution: input.resolution,
      price_usd: usd(estimate.micros),
    })),
    ineligible: job.ineligible,
  };
}

function runnerUpJson(other: RunnerUp) {
  return {
    route: other.route,
    jobs: other.jobs,
    resolutions: other.resolutions,
    chosen_resolutions: other.chosenResolutions,
    price_usd: other.unpricedJobs === other.jobs ? null : formatUsd(other.micros),
    difference_usd: other.uncomparedJobs === other.jobs ? null : formatUsd(other.differenceMicros),
    unpriced_jobs: other.unpricedJobs,
    uncompared_jobs: other.uncomparedJobs,
    minimum_jobs: other.minimumJobs,
  };
}

function remakeJson({ key, fields, micros, approved, waits, isMade }: PlanRemake) {
  return { key, changed: fields, approved, price_usd: usd(micros), waits_for_money: waits, made_again: isMade };
}

function totalJson(total: PlanTotal) {
  return {
    name: total.name,
    jobs: total.jobs,
    price_usd: usd(knownEstimate(total)),
    unpriced_jobs: total.unpricedJobs,
    minimum_jobs: total.minimumJobs,
  };
}

function usd(micros: Micros | null): string | null {
  return micros === null ? null : formatUsd(micros);
}
