import type { Snapshot } from '@localize/core';
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type JobRow, jobRows, type Marks } from '../../src/view-model/index.js';
import { ReviewDialog } from '../player/review-dialog.js';
import { addressedJob, addressJob } from './job-address.js';
import { useMarks } from './use-marks.js';

interface Options {
  readonly mediaBase: string;
  /** Of a page that a run left: where videos are marked; `null` where they are marked here. */
  readonly latestPage: string | null;
  /** Sees how videos were made and what they cost. */
  readonly isOwner: boolean;
}

export interface Review {
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  /** Shows the job of this index. */
  readonly openJob: (job: number) => void;
  /** Shows one job at a time: for the end of the page. */
  readonly dialog: VNode;
}

/** The jobs of a page, each of which can be opened, looked at and marked. */
export function useReview(snapshot: Snapshot, { mediaBase, latestPage, isOwner }: Options): Review {
  const jobs = useMemo(() => jobRows(snapshot, mediaBase), [snapshot, mediaBase]);
  const { marks, setMark } = useMarks(snapshot.batch);
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
      latestPage={latestPage}
      isOwner={isOwner}
    />
  );
  return { jobs, marks, openJob, dialog };
}

function addressedIndex(jobs: readonly JobRow[]): number | null {
  const key = addressedJob();
  const index = key === null ? -1 : jobs.findIndex(({ rawKey }) => rawKey === key);
  return index === -1 ? null : index;
}
