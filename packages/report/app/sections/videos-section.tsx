import type { JobRow, Marks, Matrix } from '../../src/view-model/index.js';
import { Section } from '../parts/section.js';
import { ReviewBar } from '../review/review-bar.js';
import { MatrixTable } from '../videos/matrix-table.js';

interface Props {
  readonly batch: string;
  readonly matrix: Matrix;
  readonly jobs: readonly JobRow[];
  readonly marks: Marks;
  readonly onOpen: (job: number) => void;
}

/** Is it good? Every video in every language, each a click away from playing beside its source. */
export function VideosSection({ batch, matrix, jobs, marks, onOpen }: Props) {
  return (
    <Section id="videos" title="Is it good?">
      <p class="muted">Each cell is one localized video. Open it to play it beside its source.</p>
      {matrix.rows.length > 0 && <MatrixTable matrix={matrix} marks={marks} onOpen={onOpen} />}
      <ReviewBar batch={batch} jobs={jobs} marks={marks} />
    </Section>
  );
}
