/** Version of the review file; raised when a field changes its meaning. */
export const REVIEW_VERSION = 1;

/** Of a reviewer's name and of a note, in characters; the page takes no more. */
export const LONGEST_NAME = 100;
export const LONGEST_NOTE = 2000;

export type ReviewVerdict = 'approve' | 'redo';

/** What a reviewer says of one output. */
export interface ReviewMark {
  readonly key: string;
  /** The very file that was looked at: a mark says nothing of any other. */
  readonly sha256: string;
  readonly verdict: ReviewVerdict;
  /** For a redo: the route to make it on; `null` takes a new seed where it was made, since the same input would likely buy the same video. */
  readonly route: string | null;
  readonly note: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
}

/** The file that a reviewer downloads from the page and `localize review` imports. */
export interface Review {
  readonly format: 'localize-review';
  readonly version: typeof REVIEW_VERSION;
  readonly batch: string;
  readonly reviewer: string;
  readonly marks: readonly ReviewMark[];
}

/** The text of a review file, marks in the order of their keys. */
export function writeReview(batch: string, reviewer: string, marks: readonly ReviewMark[]): string {
  const sorted = [...marks].sort((a, b) => (a.key < b.key ? -1 : 1));
  const review: Review = { format: 'localize-review', version: REVIEW_VERSION, batch, reviewer, marks: sorted };
  return `${JSON.stringify(review, null, 2)}\n`;
}
