import { type JobSnapshot, type LaneSnapshot, plainText, type SnapshotFrame } from '@localize/core';
import {
  type ReviewGroup,
  type ReviewItem,
  type ReviewTrouble,
  reviewGroups,
  reviewItem,
  reviewTrouble,
} from './review-troubles.js';
import { isWaitingRedo } from './review-words.js';
import {
  type AttentionGroup,
  type AttentionItem,
  attentionGroup,
  attentionItem,
  stoppedState,
  whyStopped,
} from './stopped-jobs.js';
import type { Tally } from './tally.js';
import { withoutEnd } from './without-end.js';

/** A lane that takes no creates any more. */
export interface ClosedLane {
  readonly lane: string;
  readonly provider: string;
  readonly reason: string;
}

export interface Attention {
  /** Jobs that nothing but a person mends. */
  readonly groups: readonly AttentionGroup[];
  /** Jobs that the next run looks at again by itself: a person may wait. */
  readonly forNextRun: readonly AttentionGroup[];
  readonly closedLanes: readonly ClosedLane[];
  /**
   * Videos that somebody replaced on disk, then those that are not there, then those whose reviewers disagree, then those
   * that came out the same when they were made again, then those whose redo an edit of the manifest has overtaken, then those
   * that no route can make as it was asked.
   */
  readonly reviews: readonly ReviewGroup[];
  /** Jobs that failed or are held. */
  readonly stopped: number;
  /** Jobs without a video that the budget keeps waiting. */
  readonly waiting: number;
  /** Finished videos that are to be made again: a run was told to, or reviewers ask for it. */
  readonly remaking: number;
}

/**
 * All that a person should look at: failed and held jobs by reason, those that need a person first; closed lanes; videos of
 * which reviewers have to say more.
 */
export class AttentionTally implements Tally<Attention> {
  readonly #frame: SnapshotFrame;
  readonly #groups = new Map<string, { title: string; mendsItself: boolean; items: AttentionItem[] }>();
  readonly #reviews = new Map<ReviewTrouble, ReviewItem[]>();
  #waiting = 0;
  #stopped = 0;
  #remaking = 0;

  constructor(frame: SnapshotFrame) {
    this.#frame = frame;
  }

  add(job: JobSnapshot): void {
    const trouble = reviewTrouble(job);
    if (trouble !== null) {
      const alike = this.#reviews.get(trouble) ?? [];
      alike.push(reviewItem(job, this.#frame));
      this.#reviews.set(trouble, alike);
    }
    if ((job.remaking || isWaitingRedo(job)) && !job.orphaned) this.#remaking += 1;
    const state = stoppedState(job);
    // What keeps one that is gone from being made again stands there.
    if (state === null || (trouble === 'gone' && state !== 'waiting')) return;
    if (state !== 'waiting' && !job.remaking) this.#stopped += 1;
    else if (job.state === 'pending') this.#waiting += 1;
    const { title, mendsItself } = whyStopped(job);
    const id = `${state} ${mendsItself} ${title}`;
    const group = this.#groups.get(id) ?? { title, mendsItself, items: [] };
    group.items.push(sharing(attentionItem(job, state, title, this.#frame), group.items.at(-1)));
    this.#groups.set(id, group);
  }

  result(): Attention {
    const groups = [...this.#groups.values()];
    const finished = (mendsItself: boolean) =>
      groups
        .filter((group) => group.mendsItself === mendsItself)
        .map(({ title, items }) => attentionGroup(title, items))
        .sort(mostJobsFirst);
    return {
      groups: finished(false),
      forNextRun: finished(true),
      reviews: reviewGroups(this.#reviews),
      closedLanes: this.#frame.lanes.flatMap(closedLane),
      stopped: this.#stopped,
      waiting: this.#waiting,
      remaking: this.#remaking,
    };
  }
}

/** Texts that a hundred thousand jobs may have in common are kept once. */
function sharing(item: AttentionItem, last: AttentionItem | undefined): AttentionItem {
  const detail = item.detail === last?.detail ? last.detail : item.detail;
  return item.command === last?.command ? { ...item, detail, command: last.command } : { ...item, detail };
}

/** Heads what no person is needed for. */
export const FOR_NEXT_RUN = 'The next run looks at these again by itself';

/** Whether nothing stands there for a person to do. */
export function nobodyIsNeeded({ groups, closedLanes, reviews }: Attention): boolean {
  return groups.length + closedLanes.length + reviews.length === 0;
}

function mostJobsFirst(a: AttentionGroup, b: AttentionGroup): number {
  return b.items.length - a.items.length;
}

function closedLane(lane: LaneSnapshot): ClosedLane[] {
  const { provider, closed, refusedKeys = [] } = lane;
  if (closed !== null) return [{ lane: plainText(lane.lane), provider, reason: sentence(closed) }];
  return refusedKeys.map(({ variable, why }) => ({ lane: plainText(variable), provider, reason: sentence(why) }));
}

/** A provider's sentence without its full stop: the one around it goes on. */
function sentence(text: string): string {
  return withoutEnd(plainText(text), '.');
}
