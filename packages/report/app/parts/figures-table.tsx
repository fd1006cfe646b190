import type { ComponentChildren } from 'preact';

interface Props {
  /** What the table shows, for those who cannot see it. */
  readonly label: string;
  /** What its rows are. */
  readonly of: string;
  /** Heads of the columns of figures. */
  readonly figures: readonly string[];
  /** Heads of the columns of words behind them. */
  readonly words?: readonly string[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table of figures that scrolls sideways where the page is too narrow for it. */
export function FiguresTable({ label, of, figures, words = [], children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll-x" tabIndex={0} aria-label={label}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{of}</th>
            {figures.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
            {words.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
