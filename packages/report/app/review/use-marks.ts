import { parseReview } from '../../src/review/parse-review.js';
import { type ReviewMark, writeReview } from '../../src/review/review.js';
import type { Marks } from '../../src/view-model/index.js';
import { type Keeping, type SetKept, useKept } from './use-kept.js';

/** Sets the mark of a job; `null` takes it away. */
export type SetMark = SetKept<ReviewMark>;

/** The marks of this batch, kept in the browser as the file that is downloaded. */
export function useMarks(batch: string): { readonly marks: Marks; readonly setMark: SetMark } {
  const [marks, setMark] = useKept(keptMarks(batch));
  return { marks, setMark };
}

function keptMarks(batch: string): Keeping<ReviewMark> {
  return {
    name: `localize-review ${batch}`,
    read: (text) => {
      const parsed = parseReview(text);
      return 'review' in parsed ? Object.fromEntries(parsed.review.marks.map((mark) => [mark.key, mark])) : null;
    },
    write: (marks) => writeReview(batch, '', Object.values(marks)),
  };
}
