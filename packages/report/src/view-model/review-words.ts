import {
  cameOutTheSame,
  type JobSnapshot,
  type MarkSnapshot,
  type Micros,
  plainText,
  type RedoSnapshot,
  type ReviewState,
  reviewState,
  type SnapshotFrame,
} from '@localize/core';
import { batchCommand } from './batch-command.js';
import { RoomTally } from './budget-lines.js';
import { formatCount, formatMoney, formatTime } from './format.js';
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

/** Videos that wait to be made again, with the command that does it. */
export interface WaitingRedos {
  readonly text: string;
  readonly command: string;
}

/** `null` where nothing waits that can be made again. */
export class RedosTally implements Tally<WaitingRedos | null> {
  readonly #frame: SnapshotFrame;
  readonly #asked: RedoPrice = { count: 0, unknown: 0, micros: 0 };
  readonly #agreed: RedoPrice = { count: 0, unknown: 0, micros: 0 };
  /** Redos that a run was told of: agreed, or told of with what keeps them. */
  #told = 0;
  readonly #room: RoomTally;

  constructor(frame: SnapshotFrame) {
    this.#frame = frame;
    this.#room = new RoomTally(frame);
  }

  add(job: JobSnapshot): void {
    const { redo, remaking, orphaned } = job;
    if (!redo || !isWaitingRedo(job) || orphaned) return;
    const micros = redo.estimateMicros ?? null;
    if (remaking) {
      this.#told += 1;
      if (isNextRuns(job)) addRedo(this.#agreed, micros);
    } else {
      addRedo(this.#asked, micros);
      this.#room.add(job, redo.route ?? job.route, micros);
    }
  }

  result(): WaitingRedos | null {
    const [asked, agreed] = [this.#asked.count, this.#agreed.count];
    const again = batchCommand(this.#frame);
    const byItself = `is made again by the next run, as agreed, for ${redoPrice(this.#agreed)}`;
    const own = agreed === 1 ? byItself : byItself.replace('is made', 'are made');
    if (asked === 0) return agreed === 0 ? null : { text: `${formatCount(agreed, 'video')} ${own}`, command: again };
    const whose = this.#told === 0 ? formatCount(asked, 'video') : `${asked} of them`;
    const videos = `${whose} ${asked === 1 ? 'waits' : 'wait'}`;
    const beside = agreed === 0 ? '' : `; ${agreed} more ${own}`;
    return {
      text: `${videos} to be made again, for ${redoPrice(this.#asked)}${this.#room.words()}${beside}`,
      command: `${again} --remake`,
    };
  }
}

/** So many redos, `unknown` of which nobody knows the price of. */
interface RedoPrice {
  count: number;
  unknown: number;
  micros: Micros;
}

function addRedo(sum: RedoPrice, micros: Micros | null): void {
  sum.count += 1;
  sum.micros += micros ?? 0;
  if (micros === null) sum.unknown += 1;
}

function redoPrice({ unknown, micros }: RedoPrice): string {
  const more = unknown > 0 && micros > 0 ? `, and ${unknown} of them for an unknown price` : '';
  return `${priceWords(unknown > 0 && micros === 0 ? null : micros)}${more}`;
}

/** What a run was told to make again the next one goes on with, where nothing keeps it: what does is told with its command. */
function isNextRuns({ remaking, waitsForMoney, waitsForAmount }: JobSnapshot): boolean {
  return (
    (remaking?.state === 'pending' || remaking?.state === 'staging') &&
    waitsForMoney === undefined &&
    waitsForAmount === undefined
  );
}
