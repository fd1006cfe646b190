import type { ComponentChildren } from 'preact';

interface Props {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
  /** Stands beside the title. */
  readonly aside?: ComponentChildren;
}

/** One part of the report with a heading that the page's navigation leads to. */
export function Section({ id, title, aside, children }: Props) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <div class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
