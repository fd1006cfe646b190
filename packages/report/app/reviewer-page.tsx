import { useMemo } from 'preact/hooks';
import {
  canReview,
  formatCount,
  type JobRow,
  type Marks,
  markOf,
  type PageData,
  type StateGroup,
} from '../src/view-model/index.js';
import { languageName } from './parts/language-name.js';
import { ReviewBar } from './review/review-bar.js';
import { useReview } from './review/use-review.js';
import { Spacer } from './virtual/spacer.js';
import { useVirtualRows } from './virtual/use-virtual-rows.js';

const ROW_HEIGHT = 44;
const COLUMNS = 4;

/** What a native speaker is told of a video that is not there; what is to be done about it is the owner's. */
const ABSENCES: Readonly<Record<StateGroup, string>> = {
  succeeded: 'not in this folder',
  failed: 'failed, none to look at',
  held: 'stopped, none to look at yet',
  running: 'being made',
  pending: 'not made yet',
  canceled: 'canceled',
  orphaned: 'no longer wanted',
};

/** And of one whose earlier video is there: nothing is to be said of that any more. */
const ANOTHER: Readonly<Record<StateGroup, string>> = {
  ...ABSENCES,
  failed: 'another was wanted, which failed',
  held: 'another was wanted, which stopped',
  running: 'another is being made',
  pending: 'another is to be made',
  canceled: 'another was wanted, which was canceled',
};

/** The page for a native speaker: the videos of one language, and nothing of how they came about. */
export function ReviewerPage({ data: { snapshot, mediaBase } }: { readonly data: PageData }) {
  const review = useReview(snapshot, { mediaBase, marking: 'here', isOwner: false });
  const { jobs, marks, notes, openJob, dialog } = review;
  const languages = useMemo(() => [...new Set(jobs.map((job) => job.language))], [jobs]);
  return (
    <>
      <header class="page-header">
        <a class="skip" href="#videos">
          Skip to the videos
        </a>
        <div class="page-title">
          <h1>
            <bdi>{snapshot.batch}</bdi>
          </h1>
          <p class="muted">
            {formatCount(jobs.length, 'video')} in {languages.map(languageName).join(', ')}
          </p>
        </div>
      </header>
      <main>
        <ol class="steps">
          <li>
            <strong>Open a video.</strong> It plays beside its source, under one control.
          </li>
          <li>
            <strong>Approve it, or ask for another.</strong> A note says what is wrong: where, and what you hear or see.
          </li>
          <li>
            <strong>Download your marks</strong> when you are through, and send the file back. They also stay in this
            browser until then.
          </li>
        </ol>
        <ReviewBar batch={snapshot.batch} jobs={jobs} marks={marks} notes={notes} marking="here" />
        <section id="videos" aria-label="Videos to look at" tabIndex={-1}>
          <VideoList jobs={jobs} marks={marks} namesLanguage={languages.length > 1} onOpen={openJob} />
        </section>
      </main>
      {dialog}
    </>
  );
}

interface ListProps {
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  /** The page has videos of several. */
  readonly namesLanguage: boolean;
  readonly onOpen: (job: number) => void;
}

function VideoList({ jobs, marks, namesLanguage, onOpen }: ListProps) {
  const { scrollRef, items, before, after } = useVirtualRows(jobs.length, ROW_HEIGHT);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll-box" ref={scrollRef} tabIndex={0} aria-label="Videos">
      <table class="to-review" aria-rowcount={jobs.length + 1}>
        <thead>
          <tr>
            <th scope="col">Video</th>
            <th scope="col" class="number">
              Length
            </th>
            <th scope="col">Your mark</th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={COLUMNS} />
          {items.map((index) => {
            const job = jobs[index];
            if (!job) return null;
            return (
              <tr key={job.index} aria-rowindex={index + 2}>
                <th scope="row">
                  {isPlayable(job) ? (
                    <button type="button" class="open-job" onClick={() => onOpen(job.index)}>
                      <bdi>{job.video}</bdi>
                      {jobs.length > 1 && <span class="unseen"> in {job.language}: open</span>}
                    </button>
                  ) : (
                    <bdi>{job.video}</bdi>
                  )}
                  {namesLanguage && <span class="muted"> {job.language}</span>}
                </th>
                <td class="number">{isPlayable(job) ? (job.earlier?.length ?? job.length) : absenceWords(job)}</td>
                <td>{markWords(marks, job)}</td>
                <td>{measuredWords(job)}</td>
              </tr>
            );
          })}
          <Spacer height={after} columns={COLUMNS} />
        </tbody>
      </table>
    </section>
  );
}

function isPlayable({ outputUrl, earlier }: JobRow): boolean {
  return outputUrl !== null || earlier !== null;
}

function absenceWords({ state, isReplaced }: JobRow): string {
  return isReplaced ? 'replaced by another file, not in this folder' : ABSENCES[state];
}

function measuredWords({ faults, outputUrl, earlier, state }: JobRow) {
  if (earlier !== null) return <span class="muted">{`the earlier video; ${ANOTHER[state]}`}</span>;
  if (outputUrl === null) return '';
  if (faults.length === 0) return <span class="muted">nothing wrong</span>;
  return <span class="check-bad">{faults.join(', ')}</span>;
}

function markWords(marks: Marks, job: JobRow) {
  const mark = markOf(marks, job);
  if (mark === null) return <span class="muted">{canReview(job) ? 'to look at' : ''}</span>;
  return mark.verdict === 'approve' ? (
    <span class="mark-approve">Approved</span>
  ) : (
    <span class="mark-redo">Another</span>
  );
}
