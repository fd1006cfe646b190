import { formatUsd, type RunSnapshot, type Snapshot } from '@localize/core';
import { plainSnapshot } from '../plain-snapshot.js';
import type { Attention } from '../view-model/attention.js';
import type { CostRow } from '../view-model/cost-groups.js';
import type { CostPerMinute } from '../view-model/cost-per-minute.js';
import type { MoneyFigures } from '../view-model/money-figures.js';
import { buildReportView } from '../view-model/report-view.js';
import { routeSpread } from '../view-model/route-spread.js';
import { capJson } from './cap-json.js';
import { isoTime, jobJson, usd } from './job-json.js';
import { moneyJson } from './money-json.js';
import {
  type AttentionJson,
  type CostJson,
  type CostRowJson,
  type LaneJson,
  REPORT_JSON_VERSION,
  type ReportJson,
  type RunJson,
} from './report-json.js';

/** The whole report as JSON, in the shape of {@link ReportJson}. */
export function renderJson(snapshot: Snapshot): string {
  return `${JSON.stringify(buildReportJson(snapshot), null, 2)}\n`;
}

/** The JSON report as a value. */
export function buildReportJson(given: Snapshot): ReportJson {
  const snapshot = plainSnapshot(given);
  const view = buildReportView(snapshot);
  const { groups } = view;
  return {
    format: 'localize-report',
    version: REPORT_JSON_VERSION,
    batch: snapshot.batch,
    manifest: snapshot.manifest,
    prices: snapshot.emulated ? 'simulated' : 'real',
    taken_at: isoTime(snapshot.takenAtMs),
    totals: view.totals,
    cost: costJson(view.money, view.perFinishedMinute),
    cost_by: {
      provider: groups.provider.map(costRowJson),
      route: groups.route.map(costRowJson),
      language: groups.language.map(costRowJson),
      video: groups.video.map(costRowJson),
      day: groups.day.map(costRowJson),
      labels: Object.fromEntries(Object.entries(groups.labels).map(([key, rows]) => [key, rows.map(costRowJson)])),
    },
    same_work: routeSpread(snapshot.jobs).map(({ route, jobs, thereMicros, hereMicros }) => ({
      route,
      jobs,
      there_usd: formatUsd(thereMicros),
      here_usd: formatUsd(hereMicros),
    })),
    budget: (snapshot.budget ?? []).map(capJson),
    rate_limited: view.rateLimited,
    needs_a_person: attentionJson(view.attention),
    warnings: view.warnings,
    runs: snapshot.runs.map(runJson),
    lanes: snapshot.lanes.map(laneJson),
    jobs: snapshot.jobs.map(jobJson),
  };
}

function costJson(money: MoneyFigures, perMinute: CostPerMinute | null): CostJson {
  return { ...moneyJson(money), per_finished_minute_usd: usd(perMinute?.micros ?? null) };
}

function costRowJson(row: CostRow): CostRowJson {
  return {
    name: row.name,
    jobs: row.jobs,
    finished_jobs: row.finishedJobs,
    ...costJson(row.money, row.perFinishedMinute),
  };
}

function attentionJson(attention: Attention): AttentionJson[] {
  return attention.groups.flatMap((group) =>
    group.items.map((item) => ({
      key: item.key,
      state: item.state,
      why: group.title,
      detail: item.detail,
      mends_itself: group.mendsItself,
      at_risk_usd: item.atRiskMicros === null ? null : formatUsd(item.atRiskMicros),
      billed_usd: formatUsd(item.billedMicros),
      mend: item.command,
    })),
  );
}

function runJson(run: RunSnapshot): RunJson {
  return {
    id: run.id,
    started_at: isoTime(run.startedAtMs),
    ended_at: run.endedAtMs === null ? null : isoTime(run.endedAtMs),
    ended_why: run.endedWhy,
    host: run.host,
    version: run.version,
  };
}

function laneJson(lane: Snapshot['lanes'][number]): LaneJson {
  return {
    lane: lane.lane,
    provider: lane.provider,
    creates: lane.creates,
    per_seconds: lane.perMs / 1000,
    concurrent: lane.concurrent,
    in_flight: lane.inFlight,
    rate_limited: lane.rateLimited,
    closed: lane.closed,
  };
}
