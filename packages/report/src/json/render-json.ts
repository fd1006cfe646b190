import { formatUsd, type RunSnapshot, type Snapshot, type SnapshotFrame, type StreamedSnapshot } from '@localize/core';
import { documentText, type ReportDocument } from '../document.js';
import { type Survey, surveySnapshot } from '../survey.js';
import type { Attention } from '../view-model/attention.js';
import type { ChangedVideos } from '../view-model/changed-videos.js';
import type { CostRow } from '../view-model/cost-groups.js';
import type { CostPerMinute } from '../view-model/cost-per-minute.js';
import type { LeftVideos } from '../view-model/left-videos.js';
import type { MoneyFigures } from '../view-model/money-figures.js';
import type { ReviewTrouble } from '../view-model/review-troubles.js';
import type { AttentionGroup, AttentionItem } from '../view-model/stopped-jobs.js';
import { capJson } from './cap-json.js';
import { isoTime, jobJson, usd } from './job-json.js';
import { jsonPieces, type Streamed } from './json-pieces.js';
import { moneyJson } from './money-json.js';
import {
  type AttentionJson,
  type CostJson,
  type CostRowJson,
  type DayRowJson,
  type DiffersJson,
  type LaneJson,
  type LeftJson,
  REPORT_JSON_VERSION,
  type ReportJson,
  type RunJson,
} from './report-json.js';

const MARGIN = '    ';

/** Down to the entries of the longest lists: of videos, and of jobs that stopped. */
const DEPTH = 2;

/** The whole report as JSON, in the shape of {@link ReportJson}; each job on a line of its own. */
export function jsonDocument(survey: Survey): ReportDocument {
  const isEmpty = survey.view.totals.jobs === 0;
  return {
    head: headPieces(survey),
    job: (job, index) => `${index === 0 ? '\n' : ',\n'}${MARGIN}${JSON.stringify(jobJson(job))}`,
    tail: isEmpty ? ']\n}\n' : '\n  ]\n}\n',
  };
}

/** {@link jsonDocument} as one text. */
export function renderJson(given: StreamedSnapshot): string {
  const survey = surveySnapshot(given);
  return documentText(jsonDocument(survey), survey.snapshot.jobs);
}

/** Up to the list of jobs. */
function* headPieces(survey: Survey): Generator<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(reportHead(survey))) {
    yield before;
    yield* fieldPieces(name, value);
    before = ',\n';
  }
  yield `${before}  "jobs": [`;
}

function* fieldPieces(name: string, value: unknown): Generator<string> {
  yield `  ${JSON.stringify(name)}: `;
  yield* jsonPieces(value, DEPTH, '  ');
}

/**
 * The first part of a report as it is after a run that changed no job; the rest stays.
 * @param beginning the report's text up to some place behind its `totals` began
 * @returns `null` where that is not far enough, or no report of ours
 */
export function laterJson(beginning: string, facts: RunFacts): string | null {
  // A text in it has no line break that is not escaped, so that only its own fields begin a line in this way.
  const from = beginning.indexOf('\n  "taken_at": ');
  const to = beginning.indexOf(',\n  "totals": ', from);
  if (from === -1 || to === -1) return null;
  const fields = Object.entries(runFields(facts)).map(([name, value]) => [...fieldPieces(name, value)].join(''));
  return `${beginning.slice(0, from)}\n${fields.join(',\n')}${beginning.slice(to)}`;
}

type RunFacts = Pick<SnapshotFrame, 'takenAtMs' | 'runs'>;

/** All that a run adds which changes no job. */
function runFields({ takenAtMs, runs }: RunFacts): Pick<ReportJson, 'taken_at' | 'runs'> {
  return { taken_at: isoTime(takenAtMs), runs: runs.map(runJson) };
}

function reportHead({ snapshot, view, spread }: Survey): Streamed<Omit<ReportJson, 'jobs'>> {
  const { groups } = view;
  return {
    format: 'localize-report',
    version: REPORT_JSON_VERSION,
    batch: snapshot.batch,
    manifest: snapshot.manifest,
    selection: view.selection,
    prices: snapshot.emulated ? 'simulated' : 'real',
    time_zone: snapshot.timeZone,
    ...runFields(snapshot),
    totals: view.totals,
    cost: costJson(view.money, view.perFinishedMinute),
    cost_by: {
      provider: groups.provider.map(costRowJson),
      route: groups.route.map(costRowJson),
      language: groups.language.map(costRowJson),
      // A large batch may have as many videos as jobs.
      video: costRowsJson(groups.video),
      day: groups.day.map(dayRowJson),
      labels: Object.fromEntries(Object.entries(groups.labels).map(([key, rows]) => [key, rows.map(costRowJson)])),
    },
    same_work: spread.map(({ route, jobs, thereMicros, hereMicros }) => ({
      route,
      jobs,
      there_usd: formatUsd(thereMicros),
      here_usd: formatUsd(hereMicros),
    })),
    budget: (snapshot.budget ?? []).map(capJson),
    rate_limited: view.rateLimited,
    needs_a_person: needsPersonJson(view.attention, view.manifest),
    next_run_looks_again: stoppedJson(view.attention.forNextRun),
    differs_from_manifest: differsJson(view.changed),
    left_to_do: leftJson(view.left),
    warnings: view.warnings,
    lanes: snapshot.lanes.map(laneJson),
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

/** An estimate is of a job, and the attempts of one may be of several days. */
function dayRowJson(row: CostRow): DayRowJson {
  return { ...costRowJson(row), estimated_usd: null, jobs_without_estimate: null };
}

function* costRowsJson(rows: Iterable<CostRow>): Generator<CostRowJson> {
  for (const row of rows) yield costRowJson(row);
}

function* needsPersonJson({ groups, closedLanes, reviews }: Attention, manifest: string): Generator<AttentionJson> {
  for (const { lane, provider, reason } of closedLanes) {
    const why = `${provider} takes no new work on this lane: mend the key or top up, then run again`;
    yield { key: null, lane, state: 'closed', why, detail: reason, ...NO_MONEY, mend: `localize ${manifest}` };
  }
  yield* stoppedJson(groups);
  for (const { trouble, title, items } of reviews) {
    const state = REVIEW_STATES[trouble];
    for (const item of items) {
      yield {
        key: item.key,
        lane: null,
        state,
        why: title,
        detail: item.detail,
        ...stakesJson(item),
        mend: item.command,
      };
    }
  }
}

function* stoppedJson(groups: readonly AttentionGroup[]): Generator<AttentionJson> {
  for (const { title, items } of groups) {
    for (const { key, state, detail, command, ...stakes } of items) {
      yield { key, lane: null, state, why: title, detail, ...stakesJson(stakes), mend: command };
    }
  }
}

const REVIEW_STATES: Readonly<Record<ReviewTrouble, AttentionJson['state']>> = {
  replaced: 'replaced',
  missing: 'missing',
  gone: 'missing',
  disputed: 'disputed',
  same: 'came_out_the_same',
  overtaken: 'overtaken',
  refused: 'cannot_be_made_again',
};

const NO_MONEY = stakesJson({ atRiskMicros: 0, paidMicros: 0 });

function stakesJson({
  atRiskMicros,
  paidMicros,
}: Pick<AttentionItem, 'atRiskMicros' | 'paidMicros'>): Pick<AttentionJson, 'at_risk_usd' | 'billed_usd'> {
  return { at_risk_usd: usd(atRiskMicros), billed_usd: formatUsd(paidMicros) };
}

function differsJson(changed: ChangedVideos | null): DiffersJson | null {
  if (changed === null) return null;
  const { all, approved, count, micros, redos, commandMicros, command } = changed;
  const own = { jobs: all, approved, remakes: count, estimated_usd: usd(micros) };
  return { ...own, redos, command_usd: usd(commandMicros), command };
}

function leftJson(left: LeftVideos | null): LeftJson | null {
  return left && { videos: left.count, bought: left.bought, command: left.command };
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
    in_flight: lane.open,
    rate_limited: lane.rateLimited,
    closed: lane.closed,
  };
}
