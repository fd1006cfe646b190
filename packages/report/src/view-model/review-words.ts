import {
  cameOutTheSame,
  type JobSnapshot,
  type MarkSnapshot,
  type Micros,
  plainText,
  type RedoSnapshot,
  type ReviewState,
  reviewState,
} from '@localize/core';
import { formatMoney, formatTime } from './format.js';
import type { Tally } from './tally.js';

/** What reviewers said of one output, in words. */
export interface ReviewWords {
  readonly review: ReviewState | null;
  readonly reviewText: string;
  readonly remarks: readonly string[];
  /** What they said of outputs that it had before. */
  readonly earlierRemarks: readonly string[];
  /** How it is, or was, made again; `null` without a redo. */
  readonly redo: string | null;
  /** Reviewers want it made again, and no route can. */
  readonly isRefused: boolean;
  /** It was made again as they asked, and is the same video. */
  readonly isSame: boolean;
  /** Reviewers wanted it made again, and an edit of the manifest since is the newer word. */
  readonly isOvertaken: boolean;
}

export const REVIEW_WORDS: Readonly<Record<ReviewState, string>> = {
  approved: 'approved',
  redo: 'to be made again',
  disputed: 'the reviewers disagree',
};
const CANNOT_REDO = 'cannot be made again';
const SAME = 'came out the same';
const OVERTAKEN = 'overtaken by an edit of the manifest';

/** @param timeZone whose clocks say when */
export function describeReview(job: JobSnapshot, timeZone: string): ReviewWords {
  const { marks = [], earlierMarks = [], redo } = job;
  const standing = reviewStanding(job);
  const { review, isSame, isOvertaken } = standing;
  return {
    ...standing,
    reviewText:
      review === null ? '' : reviewText(review, { isSame, isOvertaken, isRefused: redo?.refused !== undefined }),
    remarks: marks.map((mark) => remark(mark, timeZone)),
    earlierRemarks: earlierMarks.map((mark) => remark(mark, timeZone)),
    redo: redo ? redoWords(redo) : null,
  };
}

/** What reviews are counted by. */
type ReviewStanding = Pick<ReviewWords, 'review' | 'isRefused' | 'isSame' | 'isOvertaken'>;

function reviewStanding(job: JobSnapshot): ReviewStanding {
  return {
    review: reviewState(job),
    isRefused: isRefusedRedo(job),
    isSame: cameOutTheSame(job),
    isOvertaken: isOvertakenRedo(job),
  };
}

/** Reviewers want it made again, and no route can. */
export function isRefusedRedo({ redo }: Pick<JobSnapshot, 'redo'>): boolean {
  return redo?.waits === true && redo.refused !== undefined;
}

/** Reviewers want it made again, and it can be. */
export function isWaitingRedo({ redo }: Pick<JobSnapshot, 'redo'>): boolean {
  return redo?.waits === true && redo.refused === undefined;
}

/** Nothing comes of such a redo before a reviewer says more. */
export function isOvertakenRedo(job: Pick<JobSnapshot, 'marks' | 'redo'>): boolean {
  return job.redo?.overtaken === true && reviewState(job) === 'redo';
}

function reviewText(
  review: ReviewState,
  { isSame, isOvertaken, isRefused }: Pick<ReviewWords, 'isSame' | 'isOvertaken' | 'isRefused'>,
): string {
  if (isOvertaken) return `asked to be made again; ${OVERTAKEN}`;
  if (isSame) return `made again, and ${SAME}`;
  return isRefused ? CANNOT_REDO : REVIEW_WORDS[review];
}

function redoWords({ route, seed, waits, overtaken, refused, estimateMicros }: RedoSnapshot): string {
  const how = [...(seed === null ? [] : [`with seed ${seed}`]), ...(route === null ? [] : [`on ${plainText(route)}`])];
  if (overtaken) return [`${OVERTAKEN}: not made again`, ...how].join(' ');
  if (!waits) return ['made again for a reviewer', ...how].join(' ');
  if (refused !== undefined) return `${[CANNOT_REDO, ...how].join(' ')}: ${plainText(refused)}`;
  const price = estimateMicros === undefined ? '' : `, for ${priceWords(estimateMicros)}`;
  return `${[REVIEW_WORDS.redo, ...how].join(' ')}${price}`;
}

export function priceWords(micros: Micros | null): string {
  return micros === null ? 'an unknown price' : `about ${formatMoney(micros)}`;
}

function remark({ reviewer, verdict, route, note, atMs }: MarkSnapshot, timeZone: string): string {
  const wish =
    verdict === 'approve' ? 'approves' : `asks for another${route === null ? '' : ` on ${plainText(route)}`}`;
  const said = note === '' ? '' : `: ${plainText(note)}`;
  return `${plainText(reviewer)} ${wish}${said} (${formatTime(atMs, timeZone)})`;
}

/** {@link importedText} of all jobs. */
export class ReviewsTally implements Tally<string | null> {
  readonly #reviewed: ReviewStanding[] = [];

  add(job: JobSnapshot): void {
    if (job.marks === undefined || job.orphaned) return;
    this.#reviewed.push(reviewStanding(job));
  }

  result(): string | null {
    return importedText(this.#reviewed);
  }
}

/** `Imported reviews: 3 approved, 1 to be made again, 1 where the reviewers disagree`; `null` when there are none. */
export function importedText(jobs: readonly ReviewStanding[]): string | null {
  const count = (state: ReviewState) =>
    jobs.filter((job) => job.review === state && !job.isRefused && !job.isSame && !job.isOvertaken).length;
  const [approved, redo, disputed] = [count('approved'), count('redo'), count('disputed')];
  const refused = jobs.filter(({ isRefused }) => isRefused).length;
  const same = jobs.filter(({ isSame }) => isSame).length;
  const overtaken = jobs.filter(({ isOvertaken }) => isOvertaken).length;
  if (approved + redo + disputed + refused + same + overtaken === 0) return null;
  const cannot = refused === 0 ? '' : `, ${refused} that ${CANNOT_REDO} as asked`;
  const again = same === 0 ? '' : `, ${same} that ${SAME}`;
  const edited = overtaken === 0 ? '' : `, ${overtaken} ${OVERTAKEN}`;
  const dispute = disputed === 0 ? '' : `, ${disputed} where the reviewers disagree`;
  return `Imported reviews: ${approved} approved, ${redo} to be made again${cannot}${again}${edited}${dispute}`;
}
