import { useState } from 'preact/hooks';
import { LONGEST_NAME, writeReview } from '../../src/review/review.js';
import { reviewFileName } from '../../src/review/review-file-name.js';
import { importedText, type JobRow, type Marks, markOf, marksText } from '../../src/view-model/index.js';

interface Props {
  readonly batch: string;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  /** What is described is what plays, so that a mark is of it. */
  readonly takesMarks: boolean;
}

/** How far the review is, and the marks as a file for `localize review`. */
export function ReviewBar({ batch, jobs, marks, takesMarks }: Props) {
  const [reviewer, setReviewer] = useState('');
  const made = jobs.flatMap((job) => markOf(marks, job) ?? []);
  const imported = importedText(jobs);
  return (
    <div class="review-bar">
      {imported !== null && <p>{imported}</p>}
      {takesMarks && (
        <p class="muted" role="status">
          {marksText(marks, jobs)}
        </p>
      )}
      {takesMarks && made.length > 0 && (
        <>
          <label class="choice">
            <span>Your name</span>
            <input
              type="text"
              value={reviewer}
              maxLength={LONGEST_NAME}
              onInput={(event) => setReviewer(event.currentTarget.value)}
            />
          </label>
          <button
            type="button"
            onClick={() => download(reviewFileName(batch, reviewer, made), writeReview(batch, reviewer, made))}
          >
            Download marks
          </button>
        </>
      )}
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
