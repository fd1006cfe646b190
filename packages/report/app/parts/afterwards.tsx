import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePrinting } from '../virtual/use-printing.js';
import { useFragment } from './use-fragment.js';

interface Props {
  /** Stands there until then. */
  readonly until?: ComponentChildren;
  /** Made when all else has been drawn, or the page is printed: what costs time does not hold up the rest. */
  readonly children: () => ComponentChildren;
}

/** Long enough for the first frame, and not for a person to scroll there. */
const AFTER_MS = 150;

/** Puts off what takes long. */
export function Afterwards({ until, children }: Props) {
  const [due, setDue] = useState(false);
  const printing = usePrinting();
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useFragment(due);
  if (due || printing) return children();
  return (
    <>
      {until}
      <div class="not-yet" />
    </>
  );
}
