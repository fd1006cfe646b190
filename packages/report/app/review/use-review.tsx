import type { Snapshot } from '@localize/core';
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type JobRow, jobRows, type Marks, type Notes } from '../../src/view-model/index.js';
import { ReviewDialog } from '../player/review-dialog.js';
import { addressedJob, addressJob } from './job-address.js';
import type { Marking } from './marking.js';
import { useMarks } from './use-marks.js';
import { useNotes } from './use-notes.js';

interface Options {
  readonly mediaBase: string;
  readonly marking: Marking;
  /** Sees how videos were made and what they cost. */
  readonly isOwner: boolean;
}

export interface Review {
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  /** Notes by job key, of videos that have no mark of this reviewer yet. */
  readonly notes: Notes;
  /** Shows the job of this index. */
  readonly openJob: (job: number) => void;
  /** Shows one job at a time: for the end of the page. */
  readonly dialog: VNode;
}

/** The jobs of a page, each of which can be opened, looked at and marked. */
export function useReview(snapshot: Snapshot, { mediaBase, marking, isOwner }: Options): Review {
  const jobs = useMemo(() => jobRows(snapshot, mediaBase), [snapshot, mediaBase]);
  const { marks, setMark } = useMarks(snapshot.batch);
  const { notes, setNote } = useNotes(snapshot.batch, jobs);
  const [open, setOpen] = useState(() => addressedIndex(jobs));
  const openJob = (job: number | null) => {
    setOpen(job);
    addressJob(job === null ? null : (jobs[job]?.rawKey ?? null));
  };
  useEffect(() => {
    const follow = () => setOpen(addressedIndex(jobs));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [jobs]);
  const dialog = (
    <ReviewDialog
      snapshot={snapshot}
      jobs={jobs}
      marks={marks}
      open={open}
      onOpen={openJob}
      onMark={setMark}
      notes={notes}
      onNote={setNote}
      marking={marking}
      isOwner={isOwner}
    />
  );
  return { jobs, marks, notes, openJob, dialog };
}

function addressedIndex(jobs: readonly JobRow[]): number | null {
  const key = addressedJob();
  const index = key === null ? -1 : jobs.findIndex(({ rawKey }) => rawKey === key);
  return index === -1 ? null : index;
}
