import { type JobSnapshot, type MarkSnapshot, plainText, type ReviewState, reviewState } from '@localize/core';
import { formatTime } from './format.js';

/** What reviewers said of one output, in words. */
export interface ReviewWords {
  readonly review: ReviewState | null;
  readonly reviewText: string;
  readonly remarks: readonly string[];
}

const WORDS: Readonly<Record<ReviewState, string>> = {
  approved: 'approved',
  redo: 'to be made again',
  disputed: 'the reviewers disagree',
};

export function describeReview(job: JobSnapshot): ReviewWords {
  const review = reviewState(job);
  return { review, reviewText: review === null ? '' : WORDS[review], remarks: (job.marks ?? []).map(remark) };
}

function remark({ reviewer, verdict, route, note, atMs }: MarkSnapshot): string {
  const wish =
    verdict === 'approve'
      ? 'approves'
      : `asks for another ${route === null ? 'with a new seed' : `on ${plainText(route)}`}`;
  const said = note === '' ? '' : `: ${plainText(note)}`;
  return `${plainText(reviewer)} ${wish}${said} (${formatTime(atMs)})`;
}

/** `Imported reviews: 3 approved, 1 to be made again, 1 where the reviewers disagree`; `null` when there are none. */
export function importedText(jobs: readonly { readonly review: ReviewState | null }[]): string | null {
  const count = (state: ReviewState) => jobs.filter(({ review }) => review === state).length;
  const [approved, redo, disputed] = [count('approved'), count('redo'), count('disputed')];
  if (approved + redo + disputed === 0) return null;
  const dispute = disputed === 0 ? '' : `, ${disputed} where the reviewers disagree`;
  return `Imported reviews: ${approved} approved, ${redo} to be made again${dispute}`;
}
