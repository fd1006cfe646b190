import { useMemo } from 'preact/hooks';
import {
  filterChoices,
  formatCount,
  formatNumber,
  type JobRow,
  type Marks,
  type Matrix,
  type Notes,
  type WaitingRedos,
} from '../../src/view-model/index.js';
import { Command } from '../parts/command.js';
import { Section } from '../parts/section.js';
import { StateIcon } from '../parts/state-icon.js';
import { MarkedElsewhere, type Marking } from '../review/marking.js';
import { ReviewBar } from '../review/review-bar.js';
import { MatrixTable } from '../videos/matrix-table.js';

interface Props {
  readonly batch: string;
  readonly matrix: Matrix;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  readonly notes: Notes;
  readonly redos: WaitingRedos | null;
  readonly marking: Marking;
  readonly onOpen: (job: number) => void;
}

/** What the measures say, in one sentence. */
function Findings({ jobs }: { readonly jobs: readonly JobRow[] }) {
  const off = jobs.filter(({ faults }) => faults.length > 0).length;
  const measured = jobs.filter(({ lengthMs }) => lengthMs !== null).length;
  if (measured === 0) return null;
  if (off === 0)
    return <>By measure (length, picture, sound) nothing is wrong with any of {formatCount(measured, 'output')}.</>;
  return (
    <strong class="check-bad">
      By measure, something is off with {formatCount(off, 'output')} of {formatNumber(measured)}.
    </strong>
  );
}

/** Is it good? Every video in every language, each a click away from playing beside its source. */
export function VideosSection({ batch, matrix, jobs, marks, notes, redos, marking, onOpen }: Props) {
  const states = useMemo(() => filterChoices(jobs).states, [jobs]);
  return (
    <Section id="videos" title="Is it good?">
      <p class="muted">
        Each cell is one localized video. Open it to play it beside its source. <Findings jobs={jobs} />
      </p>
      <ul class="matrix-legend" aria-hidden="true">
        {states.map(({ id, name }) => (
          <li key={id} class="matrix-key">
            <StateIcon state={id} /> {name}
          </li>
        ))}
        <li class="matrix-finding">a measure is off</li>
      </ul>
      {matrix.rows.length > 0 && <MatrixTable matrix={matrix} marks={marks} onOpen={onOpen} />}
      {marking !== 'here' && <MarkedElsewhere marking={marking} />}
      <ReviewBar batch={batch} jobs={jobs} marks={marks} notes={notes} marking={marking} />
      {redos !== null && (
        <div class="redos">
          <p>{redos.text}:</p>
          <Command text={redos.command} />
        </div>
      )}
    </Section>
  );
}
