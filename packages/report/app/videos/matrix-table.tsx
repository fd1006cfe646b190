import type { ReviewVerdict } from '../../src/review/review.js';
import { type JobRow, type Marks, type Matrix, markOf } from '../../src/view-model/index.js';
import { StateIcon } from '../parts/state-icon.js';
import { Spacer } from '../virtual/spacer.js';
import { usePrinting } from '../virtual/use-printing.js';
import { useVirtualRows } from '../virtual/use-virtual-rows.js';

const ROW_HEIGHT = 40;

/** What a cell shows of a mark; its name says it too, so that who speaks to a computer can say what is seen. */
const MARK_SIGNS: Readonly<Record<ReviewVerdict, string>> = { approve: 'ok', redo: 'redo' };

const MARK_WORDS: Readonly<Record<ReviewVerdict, string>> = { approve: 'approved', redo: 'to be made again' };

interface Props {
  readonly matrix: Matrix;
  readonly marks: Marks;
  readonly onOpen: (job: number) => void;
}

/** So many languages are side by side on the narrowest paper. */
const PRINTED_LANGUAGES = 12;

/** Videos down, languages across. Paper does not scroll: there, more languages go below. */
export function MatrixTable(props: Props) {
  const printing = usePrinting();
  const { length } = props.matrix.languages;
  const step = printing ? PRINTED_LANGUAGES : Math.max(1, length);
  const parts = Array.from({ length: Math.ceil(length / step) }, (_, part) => part * step);
  return parts.map((from) => <Grid key={from} {...props} from={from} to={from + step} />);
}

interface GridProps extends Props {
  /** The languages that it has, by their place. */
  readonly from: number;
  readonly to: number;
}

/** Only the rows in view are in the document. */
function Grid({ matrix, marks, onOpen, from, to }: GridProps) {
  const { scrollRef, items, before, after } = useVirtualRows(matrix.rows.length, ROW_HEIGHT);
  const languages = matrix.languages.slice(from, to);
  const width = languages.length + 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll-box" ref={scrollRef} tabIndex={0} aria-label="Videos by language">
      <table class="matrix" aria-rowcount={matrix.rows.length + 1}>
        <thead>
          <tr>
            <th scope="col">Video</th>
            {languages.map(({ language, done }) => (
              <th key={language} scope="col" class="center">
                <bdi class="matrix-language">{language}</bdi> <span class="matrix-done">{done}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} columns={width} />
          {items.map((index) => {
            const row = matrix.rows[index];
            return row ? (
              <tr key={row.video} aria-rowindex={index + 2}>
                <th scope="row">
                  <bdi>{row.video}</bdi>
                </th>
                {row.cells.slice(from, to).map((job, column) => (
                  <td key={languages[column]?.language} class="center">
                    {job ? (
                      <Cell job={job} mark={markOf(marks, job)?.verdict ?? null} onOpen={onOpen} />
                    ) : (
                      <span class="muted">–</span>
                    )}
                  </td>
                ))}
              </tr>
            ) : null;
          })}
          <Spacer height={after} columns={width} />
        </tbody>
      </table>
    </section>
  );
}

const REVIEW_SIGNS = { approved: 'ok', redo: 'redo', disputed: '?' } as const;

/** What a cell shows of the imported marks. */
function reviewSign({ review, isSame }: JobRow): string | null {
  if (isSame) return 'same';
  return review === null ? null : REVIEW_SIGNS[review];
}

/** Your own mark is shown in place of the imported ones. */
function reviewFacts(job: JobRow, mark: ReviewVerdict | null): string[] {
  const { review, reviewText } = job;
  if (review === null) return [];
  const isWordless = mark !== null || review === 'disputed';
  return [isWordless ? `review: ${reviewText}` : `review: ${reviewSign(job)}, ${reviewText}`];
}

function markFacts(mark: ReviewVerdict | null): string[] {
  return mark === null ? [] : [`${MARK_SIGNS[mark]}: ${MARK_WORDS[mark]}`];
}

interface CellProps {
  readonly job: JobRow;
  readonly mark: ReviewVerdict | null;
  readonly onOpen: (job: number) => void;
}

function Cell({ job, mark, onOpen }: CellProps) {
  const bad = job.faults.length > 0;
  const facts = [job.stateName, ...job.faults, ...job.notes, ...markFacts(mark), ...reviewFacts(job, mark)];
  const label = `${job.video}, ${job.language}: ${facts.join(', ')}`;
  return (
    <button
      type="button"
      class={`cell cell-${job.look}`}
      onClick={() => onOpen(job.index)}
      aria-label={label}
      title={label}
    >
      <StateIcon state={job.look} />
      {bad && <span class="cell-flag" />}
      {mark && <span class={`cell-mark mark-${mark}`}>{MARK_SIGNS[mark]}</span>}
      {!mark && job.review && (
        <span class={`cell-mark ${job.review === 'approved' ? 'mark-approve' : 'mark-redo'}`}>{reviewSign(job)}</span>
      )}
    </button>
  );
}
