import type { Snapshot } from '@localize/core';
import { useEffect, useRef } from 'preact/hooks';
import { canReview, type JobRow, type Marks } from '../../src/view-model/index.js';
import { MarkForm } from '../review/mark-form.js';
import type { SetMark } from '../review/use-marks.js';
import { JobDetails } from './job-details.js';
import { VideoPair } from './video-pair.js';

interface Props {
  readonly snapshot: Snapshot;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  /** Index of the job that is looked at. */
  readonly open: number | null;
  readonly onOpen: (job: number | null) => void;
  readonly onMark: SetMark;
}

/** One job at a time: its two videos, what was measured, what it cost and every attempt. */
export function ReviewDialog({ snapshot, jobs, marks, open, onOpen, onMark }: Props) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const job = open === null ? undefined : jobs[open];
  const source = open === null ? undefined : snapshot.jobs[open];

  useEffect(() => {
    const dialog = dialogRef.current;
    if (job && !dialog?.open) dialog?.showModal();
    if (!job && dialog?.open) dialog.close();
  }, [job]);

  return (
    <dialog ref={dialogRef} class="review" aria-labelledby="review-title" onClose={() => onOpen(null)}>
      {job && source && (
        <>
          <div class="review-head">
            <h2 id="review-title">
              <bdi>{job.video}</bdi> <span class="muted">in</span> <bdi>{job.language}</bdi>
            </h2>
            <button type="button" onClick={() => onOpen(job.index - 1)} disabled={job.index === 0}>
              Previous
            </button>
            <button type="button" onClick={() => onOpen(job.index + 1)} disabled={job.index === jobs.length - 1}>
              Next
            </button>
            <button type="button" onClick={() => onOpen(null)}>
              Close
            </button>
          </div>
          <VideoPair key={job.key} job={job} />
          {canReview(job) && <MarkForm key={`mark ${job.key}`} job={job} jobs={jobs} marks={marks} onMark={onMark} />}
          <JobDetails row={job} job={source} />
        </>
      )}
    </dialog>
  );
}
