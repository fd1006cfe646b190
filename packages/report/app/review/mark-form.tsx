import { useState } from 'preact/hooks';
import { LONGEST_NOTE, type ReviewVerdict } from '../../src/review/review.js';
import { type JobRow, type Marks, markOf, type Notes } from '../../src/view-model/index.js';
import { Choice } from '../parts/choice.js';
import type { SetMark } from './use-marks.js';

interface Props {
  readonly job: JobRow;
  readonly marks: Marks;
  readonly onMark: SetMark;
  readonly notes: Notes;
  /** Keeps a note that belongs to no mark yet. */
  readonly onNote: (key: string, note: string) => void;
}

const NEW_SEED = '';

/** Approve or redo, with a note. A mark is bound to the very file that is playing. */
export function MarkForm({ job, marks, onMark, notes, onNote }: Props) {
  const mark = markOf(marks, job);
  const routes = job.redoRoutes;
  const [note, setNote] = useState(mark?.note ?? notes[job.rawKey] ?? '');
  const [route, setRoute] = useState(mark?.route ?? NEW_SEED);

  const put = (verdict: ReviewVerdict, change: { note?: string; route?: string } = {}) => {
    const next = { note, route, ...change };
    const redoRoute = verdict === 'redo' && next.route !== NEW_SEED ? next.route : null;
    const at = new Date().toISOString();
    onMark(job.rawKey, { key: job.rawKey, sha256: job.sha256 ?? '', verdict, route: redoRoute, note: next.note, at });
  };
  const toggle = (verdict: ReviewVerdict) => {
    if (mark?.verdict !== verdict) return put(verdict);
    onMark(job.rawKey, null);
    onNote(job.rawKey, note);
  };

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
            const text = event.currentTarget.value;
            setNote(text);
            if (mark) put(mark.verdict, { note: text });
            else onNote(job.rawKey, text);
          }}
        />
      </label>
      {mark === null && note.trim() !== '' && <p class="unmarked">It goes with a mark: approve, or redo.</p>}
    </fieldset>
  );
}
