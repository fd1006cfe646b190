import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePrinting } from '../virtual/use-printing.js';

interface Props {
  /** Made once the place comes near the view, or the page is printed: what costs time does not hold up the rest. */
  readonly children: () => ComponentChildren;
}

/** So far below the view, what it holds is made. */
const AHEAD = '600px';

/** Puts off what is far down the page. */
export function WhenNear({ children }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const printing = usePrinting();

  useEffect(() => {
    const element = ref.current;
    if (near || element === null) return;
    const observer = new IntersectionObserver((entries) => setNear(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: AHEAD,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [near]);

  return near || printing ? children() : <div ref={ref} class="not-near" />;
}
