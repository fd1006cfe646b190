import { useState } from 'preact/hooks';
import { parseReview } from '../../src/review/parse-review.js';
import { type ReviewMark, writeReview } from '../../src/review/review.js';
import type { Marks } from '../../src/view-model/index.js';

/** Sets the mark of a job; `null` takes it away. */
export type SetMark = (key: string, mark: ReviewMark | null) => void;

/** The marks of this batch. They are kept in the browser, so that a reload does not lose an hour's work. */
export function useMarks(batch: string): { readonly marks: Marks; readonly setMark: SetMark } {
  const [marks, setMarks] = useState(() => load(batch));
  const setMark: SetMark = (key, mark) => {
    setMarks((before) => {
      const { [key]: _, ...others } = before;
      const after = mark === null ? others : { ...others, [key]: mark };
      save(batch, after);
      return after;
    });
  };
  return { marks, setMark };
}

function load(batch: string): Marks {
  try {
    const parsed = parseReview(localStorage.getItem(storageKey(batch)) ?? '');
    return 'review' in parsed ? Object.fromEntries(parsed.review.marks.map((mark) => [mark.key, mark])) : {};
  } catch {
    // A browser may refuse storage to a page that was opened from disk.
    return {};
  }
}

function save(batch: string, marks: Marks): void {
  try {
    localStorage.setItem(storageKey(batch), writeReview(batch, '', Object.values(marks)));
  } catch {
    // The marks stay in the page, and the download works all the same.
  }
}

function storageKey(batch: string): string {
  return `localize-review ${batch}`;
}
