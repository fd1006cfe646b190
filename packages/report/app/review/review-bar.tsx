import { useState } from 'preact/hooks';
import { LONGEST_NAME, writeReview } from '../../src/review/review.js';
import { reviewFileName } from '../../src/review/review-file-name.js';
import {
  formatCount,
  importedText,
  type JobRow,
  type Marks,
  markOf,
  marksText,
  type Notes,
} from '../../src/view-model/index.js';
import type { Marking } from './marking.js';

interface Props {
  readonly batch: string;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  readonly notes: Notes;
  readonly marking: Marking;
}

/** How far the review is, and the marks as a file for `localize review`. */
export function ReviewBar({ batch, jobs, marks, notes, marking }: Props) {
  const [reviewer, setReviewer] = useState('');
  const made = jobs.flatMap((job) => markOf(marks, job) ?? []);
  const imported = importedText(jobs);
  const isOver = marking !== 'here' && 'reportPath' in marking;
  const hasMarks = made.length > 0 && (marking === 'here' || isOver);
  return (
    <div class="review-bar">
      {imported !== null && <p>{imported}</p>}
      {marking === 'here' && (
        <p class="muted" role="status">
          {marksText(marks, jobs, notes)}
        </p>
      )}
      {isOver && hasMarks && (
        <p role="status">
          <strong>Download your marks:</strong> {formatCount(made.length, 'mark')} made here, where no other page finds{' '}
          {made.length === 1 ? 'it' : 'them'}.
        </p>
      )}
      {hasMarks && (
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
