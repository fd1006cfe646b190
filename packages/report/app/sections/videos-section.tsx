import type { Matrix } from '../../src/view-model/index.js';
import { Section } from '../parts/section.js';
import { MatrixTable } from '../videos/matrix-table.js';

interface Props {
  readonly matrix: Matrix;
  readonly onOpen: (job: number) => void;
}

/** Is it good? Every video in every language, each a click away from playing beside its source. */
export function VideosSection({ matrix, onOpen }: Props) {
  return (
    <Section id="videos" title="Is it good?">
      <p class="muted">Each cell is one localized video. Open it to play it beside its source.</p>
      {matrix.rows.length > 0 && <MatrixTable matrix={matrix} onOpen={onOpen} />}
    </Section>
  );
}
