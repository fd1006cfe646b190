import {
  type AttemptSnapshot,
  type JobSnapshot,
  plainText,
  type RunSnapshot,
  type SnapshotFrame,
  type StreamedSnapshot,
  type TakenFrom,
} from '@localize/core';
import { formatCount, formatDuration, formatMoney, formatNumber, formatSecond, formatTime } from './format.js';
import { type MoneyFigures, MoneySum } from './money-figures.js';
import { billedText } from './money-lines.js';
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

/** A run with what was counted of it. */
export interface CountedRun {
  readonly run: RunSnapshot;
  readonly row: RunRow;
  /** What it did, in words. */
  readonly did: string;
  /** What of its money is not settled, in words. */
  readonly unsettled: string | null;
}

/** Every run with what was counted of it, the latest first. */
export class RunsTally implements Tally<CountedRun[]> {
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
