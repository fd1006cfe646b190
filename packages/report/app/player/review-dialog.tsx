import type { Snapshot } from '@localize/core';
import { useEffect, useRef } from 'preact/hooks';
import { canReview, type JobRow, type Marks, type Notes } from '../../src/view-model/index.js';
import { languageName } from '../parts/language-name.js';
import { MarkForm } from '../review/mark-form.js';
import { MarkedElsewhere, type Marking } from '../review/marking.js';
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
  readonly notes: Notes;
  readonly onNote: (key: string, note: string) => void;
  readonly marking: Marking;
  /** Sees how videos were made and what they cost. */
  readonly isOwner: boolean;
}

/** One job at a time: its two videos, what was measured, what it cost and every attempt. */
export function ReviewDialog({ snapshot, jobs, open, onOpen, marking, isOwner, ...marked }: Props) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const job = open === null ? undefined : jobs[open];
  const source = open === null ? undefined : snapshot.jobs[open];
  const takesMarks = marking === 'here' && job !== undefined && canReview(job);

  useEffect(() => {
    const dialog = dialogRef.current;
    if (dialog === null) return;
    const isOpening = job && !dialog.open;
    if (isOpening) dialog.showModal();
    if (!job && dialog.open) dialog.close();
    // The button under the focus goes with the video that it was of.
    if (isOpening || (job && !dialog.contains(document.activeElement))) focusPlay(dialog);
  }, [job]);

  return (
    <dialog
      ref={dialogRef}
      class="review"
      aria-labelledby="review-title"
      onClose={({ currentTarget }) => {
        onOpen(null);
        leaveFocus(currentTarget);
      }}
      onKeyDown={pressShortcut}
    >
      {job && source && (
        <>
          <div class="review-head">
            <h2 id="review-title">
              <bdi>{job.video}</bdi> <span class="muted">in</span> <bdi>{languageName(job.language)}</bdi>
            </h2>
            <Step shortcut="p" to={job.index - 1} jobs={jobs} onOpen={onOpen}>
              Previous
            </Step>
            <Step shortcut="n" to={job.index + 1} jobs={jobs} onOpen={onOpen}>
              Next
            </Step>
            <button type="button" onClick={() => onOpen(null)}>
              Close
            </button>
          </div>
          <VideoPair key={job.key} job={job} />
          {marking !== 'here' && canReview(job) && <MarkedElsewhere marking={marking} />}
          {takesMarks && <MarkForm key={`mark ${job.key}`} job={job} {...marked} />}
          <p class="muted keys">
            Keys: <kbd>K</kbd> play or pause,{' '}
            {takesMarks && (
              <>
                <kbd>A</kbd> approve, <kbd>R</kbd> redo,{' '}
              </>
            )}
            <kbd>N</kbd> next, <kbd>P</kbd> previous, <kbd>Esc</kbd> close
          </p>
          <JobDetails row={job} job={source} timeZone={snapshot.timeZone} isOwner={isOwner} />
        </>
      )}
    </dialog>
  );
}

interface StepProps {
  readonly shortcut: string;
  readonly to: number;
  readonly jobs: readonly JobRow[];
  readonly onOpen: (job: number) => void;
  readonly children: string;
}

/** To the job before or after. It keeps the focus where there is none: a disabled button would swallow every key. */
function Step({ shortcut, to, jobs, onOpen, children }: StepProps) {
  const none = jobs[to] === undefined;
  return (
    <button
      type="button"
      aria-keyshortcuts={shortcut}
      aria-disabled={none}
      onClick={() => {
        if (!none) onOpen(to);
      }}
    >
      {children}
    </button>
  );
}

/** What a person opens a video for. */
function focusPlay(dialog: HTMLDialogElement): void {
  dialog.querySelector<HTMLElement>('.pair-control button')?.focus();
}

/** The browser gives the focus back to what opened it; where that was the address, or is gone, to the videos. */
function leaveFocus(dialog: HTMLDialogElement): void {
  const { activeElement: focused, body } = document;
  if (focused === body || dialog.contains(focused)) document.getElementById('videos')?.focus({ preventScroll: true });
}

/** A letter presses the button that says so, except where it is typed. */
function pressShortcut(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  const button = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button[aria-keyshortcuts]')].find(
    (each) => each.getAttribute('aria-keyshortcuts') === key,
  );
  if (button === undefined) return;
  event.preventDefault();
  button.click();
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== 'range';
}
