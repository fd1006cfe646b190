import type { JobSnapshot, JobState, RunSnapshot, SnapshotFrame } from '@localize/core';
import { changedWords, isChanged } from './changed-videos.js';
import { formatCount, formatNumber } from './format.js';
import { reviewTrouble } from './review-troubles.js';
import { isWaitingRedo } from './review-words.js';
import { RunsTally } from './run-rows.js';
import type { Tally } from './tally.js';

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
