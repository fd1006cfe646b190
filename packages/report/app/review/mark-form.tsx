import { useState } from 'preact/hooks';
import { LONGEST_NOTE, type ReviewVerdict } from '../../src/review/review.js';
import { type JobRow, type Marks, markOf, redoRoutes } from '../../src/view-model/index.js';
import { Choice } from '../parts/choice.js';
import type { SetMark } from './use-marks.js';

interface Props {
  readonly job: JobRow;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  readonly onMark: SetMark;
}

const NEW_SEED = '';

/** Approve or redo, with a note. A mark is bound to the very file that is playing. */
export function MarkForm({ job, jobs, marks, onMark }: Props) {
  const mark = markOf(marks, job);
  const routes = redoRoutes(job, jobs);
  const [note, setNote] = useState(mark?.note ?? '');
  const [route, setRoute] = useState(mark?.route ?? NEW_SEED);

  const put = (verdict: ReviewVerdict, change: { note?: string; route?: string } = {}) => {
    const next = { note, route, ...change };
    const redoRoute = verdict === 'redo' && next.route !== NEW_SEED ? next.route : null;
    const at = new Date().toISOString();
    onMark(job.rawKey, { key: job.rawKey, sha256: job.sha256 ?? '', verdict, route: redoRoute, note: next.note, at });
  };
  const toggle = (verdict: ReviewVerdict) => (mark?.verdict === verdict ? onMark(job.rawKey, null) : put(verdict));

  return (
    <fieldset class="mark-form">
      <legend class="unseen">Your mark</legend>
      <button
        type="button"
        class="approve"
        aria-keyshortcuts="a"
        aria-pressed={mark?.verdict === 'approve'}
        onClick={() => toggle('approve')}
      >
        Approve
      </button>
      <button
        type="button"
        class="redo"
        aria-keyshortcuts="r"
        aria-pressed={mark?.verdict === 'redo'}
        onClick={() => toggle('redo')}
      >
        Redo
      </button>
      {mark?.verdict === 'redo' && routes.length > 0 && (
        <Choice
          label="With"
          value={route}
          choices={[{ id: NEW_SEED, name: 'a new seed' }, ...routes.map((id) => ({ id, name: id }))]}
          onChoose={(id) => {
            setRoute(id);
            put('redo', { route: id });
          }}
        />
      )}
      <label class="choice grow">
        <span>Note</span>
        <input
          type="text"
          value={note}
          maxLength={LONGEST_NOTE}
          onInput={(event) => {
            setNote(event.currentTarget.value);
            if (mark) put(mark.verdict, { note: event.currentTarget.value });
          }}
        />
      </label>
    </fieldset>
  );
}
