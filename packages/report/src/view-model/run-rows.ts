import {
  type AttemptSnapshot,
  type JobSnapshot,
  type JobState,
  plainText,
  type RunSnapshot,
  type SnapshotFrame,
  type StreamedSnapshot,
  type TakenFrom,
} from '@localize/core';
import { changedWords, isChanged } from './changed-videos.js';
import { formatCount, formatDuration, formatMoney, formatNumber, formatSecond, formatTime } from './format.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';
import { billedText } from './money-lines.js';
import { reviewTrouble } from './review-troubles.js';
import { isWaitingRedo } from './review-words.js';
import { type Tally, tallied } from './tally.js';
import type { TimeWindow } from './timeline.js';

/** What one run did, as the page shows it. */
export interface RunRow {
  readonly id: string;
  /** As much of it as `--compare` needs. */
  readonly shortId: string;
  readonly window: TimeWindow;
  readonly started: string;
  /** To the second: several may begin within a minute. */
  readonly startedAt: string;
  readonly took: string;
  readonly ended: string;
  /** It made attempts, or fetched or took over videos. */
  readonly didSomething: boolean;
  /** Attempts that this run made. */
  readonly attempts: string;
  /** Videos that it brought to the disk, whichever run bought them. */
  readonly fetched: string;
  /** Videos that it took from results that were there. */
  readonly taken: string;
  /** What the attempts that it made have cost, also where that was known after it had ended. */
  readonly billed: string;
}

/** Every run, the latest first. An attempt belongs with its money to the run that made it, its video to the one that fetched it. */
export function runRows(snapshot: StreamedSnapshot): RunRow[] {
  return tallied(snapshot.jobs, new RunsTally(snapshot)).map(({ row }) => row);
}

/** What the latest run did, or the one whose page it is. */
export interface LastRun {
  readonly id: string;
  /** `Last run`, `This run`, `Run under way`. */
  readonly name: string;
  readonly started: string;
  /** `took 6 h 12 min`, `12 min so far`. */
  readonly took: string;
  /** `40 attempts made, 38 videos fetched`. */
  readonly did: string;
  /** `$12.20 billed`. */
  readonly billed: string;
  /** `$0.30 in flight, $0.40 at risk`; `null` where nothing is. */
  readonly unsettled: string | null;
  /** `nothing left to do`, `interrupted, 3 videos left`. */
  readonly left: string;
  /** `The last run (2026-11-21 02:00 UTC) took 6 h 12 min: 40 attempts made, 38 videos fetched, $12.20 billed; interrupted`. */
  readonly text: string;
  /** The same once other runs have looked and done nothing. */
  readonly textLater: string;
}

/** Of the run that is asked for, else of the latest that did something, since nobody asks after one that only looked. */
export class LastRunTally implements Tally<LastRun | null> {
  readonly #runs: RunsTally;
  readonly #asked: string | null;
  #left = 0;
  /** Of what is done, what reviewers want made again: when they first asked for each, 0 where that is unknown. */
  readonly #redosAskedMs: number[] = [];
  #changed = 0;
  /** Of what is done and not to be made again, what somebody has to look after all the same. */
  #troubles = 0;

  constructor(frame: SnapshotFrame, asked: string | null = null) {
    this.#runs = new RunsTally(frame);
    this.#asked = asked;
  }

  add(job: JobSnapshot): void {
    this.#runs.add(job);
    if (!job.orphaned && (!DONE.includes(job.state) || job.remaking)) this.#left += 1;
    else if (!job.orphaned && isWaitingRedo(job)) this.#redosAskedMs.push(askedAtMs(job));
    else if (reviewTrouble(job) !== null) this.#troubles += 1;
    if (isChanged(job)) this.#changed += 1;
  }

  /** `null` before the first run. */
  result(): LastRun | null {
    const counted = this.#runs.result();
    const asked = counted.find(({ run }) => run.id === this.#asked);
    const chosen = asked ?? counted.find(({ row }) => row.didSomething) ?? counted[0];
    if (chosen === undefined) return null;
    const { run, row, did, unsettled } = chosen;
    const billed = `${row.billed} billed`;
    const spent = unsettled === null ? billed : `${billed}, ${unsettled}`;
    const goesOn = run.endedAtMs === null;
    const since = this.#redosAskedMs.filter((atMs) => !goesOn && atMs > row.window.toMs).length;
    const redos = this.#redosAskedMs.length - since;
    const [changed, troubles] = [this.#changed, this.#troubles];
    const left = leftWords(run, row.ended, { left: this.#left, redos, since, changed, troubles });
    const textOf = (which: string) =>
      goesOn
        ? `The run of ${row.started} goes on: ${did}, ${spent}`
        : `${which} (${row.started}) took ${row.took}: ${did}, ${spent}; ${left}`;
    const textLater = textOf('The last run that did something');
    const isLatest = chosen === counted[0];
    return {
      id: run.id,
      name: nameOf(run, { isAsked: asked !== undefined, isLatest }),
      started: row.started,
      took: goesOn ? `${row.took} so far` : `took ${row.took}`,
      did,
      billed,
      unsettled,
      left,
      text: asked ? textOf('This run') : isLatest ? textOf('The last run') : textLater,
      textLater,
    };
  }
}

function leftWords(
  { endedAtMs, endedWhy }: RunSnapshot,
  ended: string,
  { left, redos, since, changed, troubles }: Record<'left' | 'redos' | 'since' | 'changed' | 'troubles', number>,
): string {
  if (left + redos + since === 0 && (endedAtMs === null || endedWhy === 'finished')) {
    if (changed > 0) return changedWords(changed);
    if (troubles > 0) return `${formatCount(troubles, 'video')} to look after`;
    return 'nothing left to do';
  }
  const parts: readonly (readonly [number, string])[] = [
    [left, 'left'],
    [redos, 'to be made again'],
    [since, 'to be made again, as asked since'],
  ];
  const videos = parts
    .filter(([count]) => count > 0)
    .map(([count, what], index) => `${index === 0 ? formatCount(count, 'video') : formatNumber(count)} ${what}`)
    .join(', ');
  if (endedAtMs === null) return videos;
  return videos === '' ? ended : `${ended}, ${videos}`;
}

function nameOf({ endedAtMs }: RunSnapshot, which: { readonly isAsked: boolean; readonly isLatest: boolean }): string {
  if (endedAtMs === null) return 'Run under way';
  if (which.isAsked) return 'This run';
  return which.isLatest ? 'Last run' : 'Last run that did something';
}

/** When a reviewer first wanted another video in the place of this one. */
function askedAtMs({ marks = [] }: JobSnapshot): number {
  const asked = marks.filter(({ verdict }) => verdict === 'redo').map(({ atMs }) => atMs);
  return asked.length === 0 ? 0 : Math.min(...asked);
}

const DONE: readonly JobState[] = ['succeeded', 'canceled'];

interface CountedRun {
  readonly run: RunSnapshot;
  readonly row: RunRow;
  /** What it did, in words. */
  readonly did: string;
  /** What of its money is not settled, in words. */
  readonly unsettled: string | null;
}

/** The latest first. */
class RunsTally implements Tally<CountedRun[]> {
  readonly #counts: readonly RunCount[];

  constructor({ runs, takenAtMs, timeZone }: SnapshotFrame) {
    const latestFirst = [...runs].sort((a, b) => b.startedAtMs - a.startedAtMs);
    this.#counts = latestFirst.map((run) => new RunCount(run, takenAtMs, timeZone));
  }

  add({ attempts, takenFrom, takenBack }: JobSnapshot): void {
    const taken = takenFrom ?? takenBack;
    for (const count of this.#counts) {
      // No run of this state made or followed those that were adopted.
      for (const attempt of attempts) if (!attempt.adopted) count.addAttempt(attempt);
      if (taken) count.addTaken(taken);
    }
  }

  result(): CountedRun[] {
    return this.#counts.map((count) => count.result());
  }
}

class RunCount {
  readonly #run: RunSnapshot;
  readonly #endMs: number;
  readonly #timeZone: string;
  readonly #sum = new MoneySum();
  #made = 0;
  #fetched = 0;
  #over = 0;

  constructor(run: RunSnapshot, takenAtMs: number, timeZone: string) {
    this.#run = run;
    this.#timeZone = timeZone;
    this.#endMs = run.endedAtMs ?? takenAtMs;
  }

  addAttempt(attempt: AttemptSnapshot): void {
    if (this.#isOwn(attempt.runId, attempt.createdAtMs)) {
      this.#made += 1;
      this.#sum.addAttempt(attempt);
    }
    if (this.#hasFetched(attempt)) this.#fetched += 1;
  }

  /** What is too short for its track is no video to have. */
  #hasFetched({ state, failure, fetchedBy, endedAtMs, phases }: AttemptSnapshot): boolean {
    if (state !== 'completed' || failure !== null) return false;
    if (fetchedBy) return fetchedBy.includes(this.#run.id);
    // Older versions wrote down no run, and before that no download either.
    const { stagedAtMs = null, downloadedAtMs = null } = phases ?? {};
    return this.#isDuring(downloadedAtMs ?? (stagedAtMs === null ? endedAtMs : null));
  }

  addTaken({ runId, atMs }: Pick<TakenFrom, 'runId' | 'atMs'>): void {
    if (this.#isOwn(runId, atMs)) this.#over += 1;
  }

  /** States of older versions do not say which run made an attempt. */
  #isOwn(runId: string | null | undefined, ms: number | null): boolean {
    return runId ? runId === this.#run.id : this.#isDuring(ms);
  }

  #isDuring(ms: number | null): boolean {
    return ms !== null && ms >= this.#run.startedAtMs && ms <= this.#endMs;
  }

  result(): CountedRun {
    const run = this.#run;
    const [made, fetched, over] = [this.#made, this.#fetched, this.#over];
    const money = this.#sum.result();
    const row: RunRow = {
      id: run.id,
      window: { fromMs: run.startedAtMs, toMs: this.#endMs },
      shortId: plainText(run.id.slice(0, SHORT_ID)),
      started: formatTime(run.startedAtMs, this.#timeZone),
      startedAt: formatSecond(run.startedAtMs, this.#timeZone),
      took: `${run.endedWhy === KILLED ? 'at least ' : ''}${formatDuration(this.#endMs - run.startedAtMs)}`,
      ended: run.endedAtMs === null ? 'goes on' : endedWords(run, this.#timeZone),
      didSomething: made + fetched + over > 0,
      attempts: formatNumber(made),
      fetched: formatNumber(fetched),
      taken: formatNumber(over),
      billed: billedText(money),
    };
    const did = [
      `${formatCount(made, 'attempt')} made`,
      `${formatCount(fetched, 'video')} fetched`,
      ...(over > 0 ? [`${formatCount(over, 'video')} taken from results that were there`] : []),
    ];
    return { run, row, did: row.didSomething ? did.join(', ') : NOTHING_DONE, unsettled: unsettledWords(money) };
  }
}

function unsettledWords({ inFlightMicros, atRiskMicros }: MoneyFigures): string | null {
  const words = [
    ...(inFlightMicros > 0 ? [`${formatMoney(inFlightMicros)} in flight`] : []),
    ...(atRiskMicros > 0 ? [`${formatMoney(atRiskMicros)} at risk`] : []),
  ];
  return words.length === 0 ? null : words.join(', ');
}

const SHORT_ID = 8;
const NOTHING_DONE = 'nothing was bought, and nothing was fetched';

const ENDED: Readonly<Record<string, string>> = {
  finished: 'ended in order',
  interrupted: 'interrupted',
  budget: 'stopped at the budget',
  'stop-after': 'bought nothing more, as it was told',
  machine: 'stopped by a fault of the machine',
  killed: 'killed, or the machine went down',
};

/** A run that could not say that it ended: its end is when it last wrote something down. */
const KILLED = 'killed';

/** Why a run ended, for a person; what is not one of the runner's own words is shown as it is. */
function endedWords({ endedWhy: why, endedAtMs }: RunSnapshot, timeZone: string): string {
  if (why === null) return 'not said';
  const words = Object.hasOwn(ENDED, why) ? (ENDED[why] ?? why) : plainText(why);
  return why === KILLED && endedAtMs !== null ? `${words}, last seen at ${formatSecond(endedAtMs, timeZone)}` : words;
}
