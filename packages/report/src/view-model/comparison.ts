import { type JobSnapshot, type Micros, plainText, type SnapshotFrame, type StreamedSnapshot } from '@localize/core';
import {
  formatCount,
  formatDuration,
  formatMoney,
  formatNumber,
  formatSecond,
  shownDurationMs,
  shownMicros,
} from './format.js';
import { type MoneyFigures, moneyFigures } from './money-figures.js';
import { billedText, estimatedText, notChargedText, perMinuteText } from './money-lines.js';
import { latencyTimes, percentile } from './phase-rows.js';
import { buildReportView, type ReportView } from './report-view.js';
import { stateGroup, stateName } from './state-counts.js';

/** Two batches, or the same at two times, side by side. */
export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly lines: readonly ComparedLine[];
  /**
   * Jobs that stand elsewhere than they did, that have another video, route, number of attempts or bill, or that only one
   * side has.
   */
  readonly changed: readonly ChangedJob[];
}

export interface ComparedLine {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** `+3`, `-$0.20`; `–` where it is the same or one side is unknown. */
  readonly change: string;
}

export interface ChangedJob {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

const SAME = '–';
const ABSENT = 'not there';

/** Compares what both sides did, cost and left. */
export function compareSnapshots(before: StreamedSnapshot, after: StreamedSnapshot): Comparison {
  const [a, b] = [buildReportView(before), buildReportView(after)];
  return {
    before: sideName(before),
    after: sideName(after),
    lines: [...countLines(a, b), ...moneyCompared(a, b), ...routesCompared(a, b), latencyLine(before, after)],
    changed: changedJobs(before.jobs, after.jobs),
  };
}

function sideName(snapshot: SnapshotFrame): string {
  const simulated = snapshot.emulated ? ', simulated prices' : '';
  return `${plainText(snapshot.batch)}, ${formatSecond(snapshot.takenAtMs, snapshot.timeZone)}${simulated}`;
}

function countLines(a: ReportView, b: ReportView): ComparedLine[] {
  const line = (name: string, of: (view: ReportView) => number) =>
    compared(name, of(a), of(b), formatNumber, (count) => formatNumber(count));
  return [
    line('Jobs', ({ totals }) => totals.jobs),
    line('Succeeded', ({ totals }) => totals.succeeded),
    line('Failed', ({ totals }) => totals.failed),
    line('Held', ({ totals }) => totals.held),
    line('Under way or waiting', ({ totals }) => totals.pending + totals.running),
    line('Attempts', ({ money }) => money.attempts),
    line('Refused by a rate limit', ({ rateLimited }) => rateLimited),
  ];
}

function moneyCompared(a: ReportView, b: ReportView): ComparedLine[] {
  const line = (name: string, text: (view: ReportView) => string, exact: (view: ReportView) => Micros | null) => ({
    name,
    before: text(a),
    after: text(b),
    // Of the amounts that are shown, so that a reader's subtraction agrees.
    change: changeText(shown(exact(a)), shown(exact(b)), formatMoney),
  });
  return [
    line(
      'Billed',
      ({ money }) => billedText(money),
      ({ money }) => (money.unpricedAttempts > 0 ? null : money.billedMicros),
    ),
    line(
      'Estimated',
      ({ money }) => estimatedText(money),
      ({ money }) => (money.jobsWithoutEstimate > 0 ? null : money.estimatedMicros),
    ),
    ...PARTS.map(([name, of]) =>
      line(
        name,
        ({ money }) => formatMoney(of(money)),
        ({ money }) => of(money),
      ),
    ),
    line(
      'Not charged',
      ({ money }) => notChargedText(money),
      ({ money }) => (money.notChargedUnknown > 0 ? null : money.notChargedMicros),
    ),
    line(
      'A finished minute',
      ({ perFinishedMinute }) => perMinuteText(perFinishedMinute),
      ({ perFinishedMinute }) => (perFinishedMinute?.atLeast === false ? perFinishedMinute.micros : null),
    ),
  ];
}

const PARTS: readonly (readonly [string, (money: MoneyFigures) => Micros])[] = [
  ['In flight', ({ inFlightMicros }) => inFlightMicros],
  ['At risk', ({ atRiskMicros }) => atRiskMicros],
  ['Charged but failed', ({ chargedButFailedMicros }) => chargedButFailedMicros],
  ['Charged and lost', ({ lostMicros }) => lostMicros],
];

/** What each route was billed, on whichever side it was used. */
function routesCompared(a: ReportView, b: ReportView): ComparedLine[] {
  const [left, right] = [a, b].map(({ groups }) => new Map(groups.route.map((row) => [row.name, row.money])));
  const names = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  return [...names].flatMap((name) => {
    const [before, after] = [left?.get(name), right?.get(name)];
    if ((before?.attempts ?? 0) + (after?.attempts ?? 0) === 0) return [];
    const text = (money: MoneyFigures | undefined) => (money ? billedText(money) : ABSENT);
    const exact = (money: MoneyFigures | undefined) =>
      money && money.unpricedAttempts > 0 ? null : shown(money?.billedMicros ?? 0);
    return [
      {
        name: `Billed by ${plainText(name)}`,
        before: text(before),
        after: text(after),
        change: changeText(exact(before), exact(after), formatMoney),
      },
    ];
  });
}

function shown(micros: Micros | null): Micros | null {
  return micros === null ? null : shownMicros(micros);
}

function latencyLine(before: StreamedSnapshot, after: StreamedSnapshot): ComparedLine {
  const median = ({ jobs }: StreamedSnapshot) => {
    const ms = percentile([...latencyTimes(jobs).values()].flat(), 0.5);
    return ms === null ? null : shownDurationMs(ms);
  };
  const text = (ms: number | null) => (ms === null ? SAME : formatDuration(ms));
  return compared('Half of the attempts within', median(before), median(after), text, formatDuration);
}

function compared<T extends number | null>(
  name: string,
  before: T,
  after: T,
  text: (value: T) => string,
  size: (value: number) => string,
): ComparedLine {
  return { name, before: text(before), after: text(after), change: changeText(before, after, size) };
}

function changeText(before: number | null, after: number | null, size: (value: number) => string): string {
  if (before === null || after === null || before === after) return SAME;
  return `${after > before ? '+' : '-'}${size(Math.abs(after - before))}`;
}

interface Standing {
  readonly words: string;
  readonly sha256: string | null;
  readonly route: string;
  readonly attempts: string;
  readonly billed: string;
}

function standingOf(job: JobSnapshot): Standing {
  return {
    words: stateName(stateGroup(job)),
    sha256: job.outputSha256,
    route: plainText(job.route ?? 'no route'),
    attempts: formatCount(job.attempts.length, 'attempt'),
    billed: `${billedText(moneyFigures([job]))} billed`,
  };
}

function changedJobs(before: Iterable<JobSnapshot>, after: Iterable<JobSnapshot>): ChangedJob[] {
  const standings = (jobs: Iterable<JobSnapshot>) => new Map(Array.from(jobs, (job) => [job.key, standingOf(job)]));
  const [left, right] = [standings(before), standings(after)];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const [a, b] = [left.get(key), right.get(key)];
    const [was, is] = [a?.words ?? ABSENT, b?.words ?? ABSENT];
    if (!a || !b) return { key: plainText(key), before: was, after: is };
    const parts = (['route', 'attempts', 'billed'] as const).filter((part) => a[part] !== b[part]);
    const isAnother = was === is && a.sha256 !== null && b.sha256 !== null && a.sha256 !== b.sha256;
    if (was === is && parts.length === 0 && !isAnother) return [];
    return {
      key: plainText(key),
      before: [was, ...parts.map((part) => a[part])].join(', '),
      after: [is, ...(isAnother ? ['another video'] : []), ...parts.map((part) => b[part])].join(', '),
    };
  });
}
