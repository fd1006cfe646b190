import { useEffect, useRef, useState } from 'preact/hooks';
import { parseReview } from '../../src/review/parse-review.js';
import { type ReviewMark, writeReview } from '../../src/review/review.js';
import type { Marks } from '../../src/view-model/index.js';

/** Sets the mark of a job; `null` takes it away. */
export type SetMark = (key: string, mark: ReviewMark | null) => void;

/**
 * The marks of this batch. They are kept in the browser, so that a reload does not lose an hour's work, for all tabs that
 * show the batch.
 */
export function useMarks(batch: string): { readonly marks: Marks; readonly setMark: SetMark } {
  const [marks, setMarks] = useState<Marks>(() => load(batch) ?? {});
  const isKept = useRef(true);
  useEffect(() => {
    const follow = ({ key }: StorageEvent) => {
      if (key === storageKey(batch)) setMarks((own) => load(batch) ?? own);
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [batch]);
  const setMark: SetMark = (key, mark) => {
    setMarks((own) => {
      // Another tab may have marked other videos since.
      const { [key]: _, ...others } = (isKept.current ? load(batch) : null) ?? own;
      const after = mark === null ? others : { ...others, [key]: mark };
      isKept.current = save(batch, after);
      return after;
    });
  };
  return { marks, setMark };
}

/** `null` where nothing is kept. */
function load(batch: string): Marks | null {
  try {
    const parsed = parseReview(localStorage.getItem(storageKey(batch)) ?? '');
    return 'review' in parsed ? Object.fromEntries(parsed.review.marks.map((mark) => [mark.key, mark])) : null;
  } catch {
    // A browser may refuse storage to a page that was opened from disk.
    return null;
  }
}

/** @returns whether they are kept; else they stay in the page, and the download works all the same. */
function save(batch: string, marks: Marks): boolean {
  try {
    localStorage.setItem(storageKey(batch), writeReview(batch, '', Object.values(marks)));
    return true;
  } catch {
    return false;
  }
}

function storageKey(batch: string): string {
  return `localize-review ${batch}`;
}
