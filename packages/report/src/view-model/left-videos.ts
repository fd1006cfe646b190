import type { JobSnapshot, JobState, SnapshotFrame } from '@localize/core';
import { batchCommand } from './batch-command.js';
import { formatCount, formatNumber } from './format.js';
import { isWaitingRedo } from './review-words.js';
import { stoppedState } from './stopped-jobs.js';
import type { Tally } from './tally.js';

/** What the runs have left though nothing keeps it: the last one was ended early, or was not about them. */
export interface LeftVideos {
  readonly count: number;
  /** Those that are bought, and whose results their providers keep for a while only. */
  readonly bought: number;
  /** `5 videos are left, 2 of them bought and not fetched, and no run is at work`. */
  readonly text: string;
  readonly command: string;
}

/** Heads what another run goes on with. */
export const LEFT_TO_DO = 'Left to do';

/** `null` while a run is at work, before the first one, and where nothing is left that a run does by itself. */
export class LeftTally implements Tally<LeftVideos | null> {
  readonly #frame: SnapshotFrame;
  #count = 0;
  #bought = 0;

  constructor(frame: SnapshotFrame) {
    this.#frame = frame;
  }

  add(job: JobSnapshot): void {
    // What stopped, and redos, are told of with commands of their own.
    if (job.orphaned || job.replaced || stoppedState(job) !== null || isWaitingRedo(job)) return;
    const { state } = job.remaking ?? job;
    if (OVER.includes(state)) return;
    this.#count += 1;
    if (BOUGHT.includes(state)) this.#bought += 1;
  }

  result(): LeftVideos | null {
    const [count, bought] = [this.#count, this.#bought];
    const { runs } = this.#frame;
    if (count === 0 || runs.length === 0 || runs.some(({ endedAtMs }) => endedAtMs === null)) return null;
    const videos = `${formatCount(count, 'video')} ${count === 1 ? 'is' : 'are'} left`;
    const which = count === bought ? '' : `${formatNumber(bought)} of them `;
    const unfetched = bought === 0 ? '' : `, ${which}bought and not fetched`;
    return {
      count,
      bought,
      text: `${videos}${unfetched}, and no run is at work`,
      command: batchCommand(this.#frame),
    };
  }
}

const OVER: readonly JobState[] = ['succeeded', 'failed', 'held', 'canceled'];
const BOUGHT: readonly JobState[] = ['processing', 'downloading'];
