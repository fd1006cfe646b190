import { type JobSnapshot, type MarkSnapshot, plainText, type ReviewState, reviewState } from '@localize/core';
import { formatMoney, formatTime } from './format.js';

/** What reviewers said of one output, in words. */
export interface ReviewWords {
  readonly review: ReviewState | null;
  readonly reviewText: string;
  readonly remarks: readonly string[];
  /** What they said of outputs that it had before. */
  readonly earlierRemarks: readonly string[];
  /** How it is, or was, made again; `null` without a redo. */
  readonly redo: string | null;
  readonly redoWaits: boolean;
}

const WORDS: Readonly<Record<ReviewState, string>> = {
  approved: 'approved',
  redo: 'to be made again',
  disputed: 'the reviewers disagree',
};

export function describeReview(job: JobSnapshot): ReviewWords {
  const review = reviewState(job);
  const { marks = [], earlierMarks = [], redo } = job;
  return {
    review,
    reviewText: review === null ? '' : WORDS[review],
    remarks: marks.map(remark),
    earlierRemarks: earlierMarks.map(remark),
    redo: redo ? redoWords(redo) : null,
    redoWaits: redo?.waits ?? false,
  };
}

function redoWords({ route, seed, waits }: NonNullable<JobSnapshot['redo']>): string {
  const how = [...(seed === null ? [] : [`with seed ${seed}`]), ...(route === null ? [] : [`on ${plainText(route)}`])];
  return `${waits ? 'to be made again' : 'made again for a reviewer'} ${how.join(' ')}`.trim();
}

function remark({ reviewer, verdict, route, note, atMs }: MarkSnapshot): string {
  const wish =
    verdict === 'approve' ? 'approves' : `asks for another${route === null ? '' : ` on ${plainText(route)}`}`;
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

/** Videos that wait to be made again, with the command that does it. */
export interface WaitingRedos {
  readonly text: string;
  readonly command: string;
}

/** `null` where nothing waits to be made again. */
export function waitingRedos(jobs: readonly JobSnapshot[], manifest: string): WaitingRedos | null {
  const waiting = jobs.filter(({ redo, orphaned }) => redo?.waits && !orphaned);
  if (waiting.length === 0) return null;
  const unknown = waiting.some(({ estimateMicros }) => estimateMicros === null);
  const micros = waiting.reduce((sum, { estimateMicros }) => sum + (estimateMicros ?? 0), 0);
  const cost = unknown && micros === 0 ? 'an unknown price' : `about ${formatMoney(micros)}`;
  const videos = waiting.length === 1 ? '1 video waits' : `${waiting.length} videos wait`;
  return { text: `${videos} to be made again, for ${cost}`, command: `localize ${plainText(manifest)} --remake` };
}
