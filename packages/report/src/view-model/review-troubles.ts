import {
  cameOutTheSame,
  type JobSnapshot,
  MADE_AGAIN_THEN,
  onlyWord,
  plainText,
  reviewState,
  type SnapshotFrame,
} from '@localize/core';
import { formatCount } from './format.js';
import { isOvertakenRedo, isRefusedRedo } from './review-words.js';
import { type Stakes, stakesOf } from './stakes.js';

/**
 * Why a finished video needs a person: another file lies in its place, it is not on disk (`gone`: nor fetched again, since it
 * is to be made again), or reviewers have to say more of it.
 */
export type ReviewTrouble = 'replaced' | 'missing' | 'gone' | 'disputed' | 'same' | 'overtaken' | 'refused';

export interface ReviewItem extends Pick<Stakes, 'atRiskMicros' | 'billedMicros' | 'paidMicros'> {
  readonly key: string;
  /** What is to be known of this very video, in plain words; `null` where the group's title says it all. */
  readonly detail: string | null;
  /** Takes back what was said of it, or has it fetched again. */
  readonly command: string;
}

/** Finished videos that need a person for the same reason: nothing is made again before. */
export interface ReviewGroup {
  readonly trouble: ReviewTrouble;
  readonly title: string;
  readonly items: readonly ReviewItem[];
}

/** Finished videos in whose place another file lies. */
export function replacedCount(reviews: readonly ReviewGroup[]): number {
  return countOf(reviews, ['replaced']);
}

/** Finished videos that are not on disk. */
export function missingCount(reviews: readonly ReviewGroup[]): number {
  return countOf(reviews, ['missing', 'gone']);
}

function countOf(reviews: readonly ReviewGroup[], troubles: readonly ReviewTrouble[]): number {
  const meant = reviews.filter(({ trouble }) => troubles.includes(trouble));
  return meant.reduce((sum, { items }) => sum + items.length, 0);
}

/** `null`: it needs nobody. */
export function reviewTrouble(job: JobSnapshot): ReviewTrouble | null {
  if (job.orphaned) return null;
  if (job.replaced) return 'replaced';
  if (job.missing) return job.remaking ? 'gone' : 'missing';
  if (reviewState(job) === 'disputed') return 'disputed';
  if (cameOutTheSame(job)) return 'same';
  if (isOvertakenRedo(job)) return 'overtaken';
  return isRefusedRedo(job) ? 'refused' : null;
}

/** One video with why it is not made again, and the command that mends that or takes the wish back. */
export function reviewItem(job: JobSnapshot, { manifest }: SnapshotFrame): ReviewItem {
  const key = plainText(job.key);
  const withdraw = `localize review --withdraw ${onlyWord(key)} -m ${manifest}`;
  const isOffDisk = job.replaced || job.missing;
  const mend = isOffDisk ? (job.mend ?? `localize ${manifest}`) : withdraw;
  const command = plainText(mend, Number.POSITIVE_INFINITY);
  const { atRiskMicros, billedMicros, paidMicros } = stakesOf(job);
  const why = whyNotAgain(job);
  return { key, detail: why === null ? null : plainText(why), command, atRiskMicros, billedMicros, paidMicros };
}

/** What keeps another video from being made, where the group's title does not say it. */
function whyNotAgain({ replaced, missing, remaking, reason, redo }: JobSnapshot): string | null {
  if (replaced) return remaking ? MADE_AGAIN_THEN : null;
  return missing && remaking ? reason : (redo?.refused ?? null);
}

/** Head the groups, for so many videos each. */
const REVIEW_TITLES: Readonly<Record<ReviewTrouble, (count: number) => string>> = {
  replaced: replacedTitle,
  missing: missingTitle,
  gone: goneTitle,
  disputed: disputedTitle,
  same: sameTitle,
  overtaken: overtakenTitle,
  refused: refusedTitle,
};
const REVIEW_TROUBLES = Object.keys(REVIEW_TITLES) as ReviewTrouble[];

/** Those that there are, in the order in which they are listed. */
export function reviewGroups(items: ReadonlyMap<ReviewTrouble, readonly ReviewItem[]>): ReviewGroup[] {
  return REVIEW_TROUBLES.flatMap((trouble) => {
    const own = items.get(trouble) ?? [];
    return own.length === 0 ? [] : [{ trouble, title: REVIEW_TITLES[trouble](own.length), items: own }];
  });
}

function replacedTitle(count: number): string {
  const what = count === 1 ? 'One finished video' : formatCount(count, 'finished video');
  const [are, their] = count === 1 ? ['is', 'its'] : ['are', 'their'];
  return `${what} ${are} not on disk: another file lies in ${their} place, and is left alone`;
}

function missingTitle(count: number): string {
  const [what, them] =
    count === 1 ? ['One finished video is', 'it'] : [`${formatCount(count, 'finished video')} are`, 'them'];
  return `${what} not on disk: the next run fetches ${them} again, for free`;
}

function goneTitle(count: number): string {
  const [what, old] =
    count === 1
      ? ['One video that is to be made again is', 'the old one']
      : [`${formatCount(count, 'video')} that are to be made again are`, 'the old ones'];
  return `${what} not on disk: mend what that waits for, or take back what asks for it, and a run has ${old} again for free`;
}

function refusedTitle(count: number): string {
  const what = count === 1 ? 'One video cannot' : `${formatCount(count, 'video')} cannot`;
  return `${what} be made again as the reviewers ask: mark anew, with another route, or withdraw what was said`;
}

function overtakenTitle(count: number): string {
  const what = count === 1 ? 'One video was' : `${formatCount(count, 'video')} were`;
  return `${what} to be made again, and the manifest was edited since, which is the newer word: mark anew, or withdraw what was said`;
}

function disputedTitle(count: number): string {
  const what = count === 1 ? 'one video' : formatCount(count, 'video');
  return `The reviewers of ${what} disagree: nothing is made again before one of them marks it anew, or all they said is withdrawn`;
}

function sameTitle(count: number): string {
  const [what, each] = count === 1 ? ['One video was', 'it'] : [`${formatCount(count, 'video')} were`, 'each'];
  return `${what} made again and came out the same: mark ${each} anew, best with another route, or withdraw what was said`;
}
