import type { Snapshot } from '@localize/core';
import { useMemo } from 'preact/hooks';
import { buildMatrix, type JobFilter, type WaitingRedos } from '../../src/view-model/index.js';
import { Section } from '../parts/section.js';
import type { Marking } from '../review/marking.js';
import { useReview } from '../review/use-review.js';
import { JobsSection } from './jobs-section.js';
import { VideosSection } from './videos-section.js';

interface Props {
  readonly snapshot: Snapshot;
  readonly mediaBase: string;
  readonly redos: WaitingRedos | null;
  readonly marking: Marking;
  readonly filter: JobFilter;
  readonly onFilter: (filter: JobFilter) => void;
}

/** What has a line for each job: the videos, the table of jobs, and one job at a time. */
export function ReviewSections({ snapshot, mediaBase, redos, marking, filter, onFilter }: Props) {
  const { jobs, marks, notes, openJob, dialog } = useReview(snapshot, { mediaBase, marking, isOwner: true });
  const matrix = useMemo(() => buildMatrix(jobs), [jobs]);
  return (
    <>
      <VideosSection
        batch={snapshot.batch}
        matrix={matrix}
        jobs={jobs}
        marks={marks}
        notes={notes}
        redos={redos}
        marking={marking}
        onOpen={openJob}
      />
      <JobsSection jobs={jobs} filter={filter} onFilter={onFilter} onOpen={openJob} />
      {dialog}
    </>
  );
}

/** Where they will stand. */
export function ReviewSectionHeads() {
  return (
    <>
      <Section id="videos" title="Is it good?">
        {null}
      </Section>
      <Section id="jobs" title="Jobs">
        {null}
      </Section>
    </>
  );
}
