import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { usePrinting } from '../virtual/use-printing.js';

interface Props {
  readonly summary: string;
  readonly children: ComponentChildren;
}

/** What a person may unfold. Paper cannot be unfolded, so that there all of it stands. */
export function Folded({ summary, children }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const printing = usePrinting();
  return (
    <details
      class="folded"
      open={isOpen || printing}
      onToggle={(event) => {
        if (!printing) setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
