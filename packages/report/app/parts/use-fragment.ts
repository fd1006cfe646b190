import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

/** What a person does to go elsewhere. */
const MOVES = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;

/**
 * Goes to the part of the page that its address names (`index.html#jobs`), once that is as long as it will be: the browser
 * looked for it while the page was short. Who has gone elsewhere meanwhile stays there.
 */
export function useFragment(isDrawn: boolean): void {
  const [reader] = useState({ hasMoved: false });
  useEffect(() => {
    if (isDrawn) return;
    const move = () => {
      reader.hasMoved = true;
    };
    for (const type of MOVES) addEventListener(type, move, { passive: true });
    return () => {
      for (const type of MOVES) removeEventListener(type, move);
    };
  }, [isDrawn, reader]);
  useLayoutEffect(() => {
    const id = location.hash.slice(1);
    if (isDrawn && !reader.hasMoved && id !== '') document.getElementById(id)?.scrollIntoView();
  }, [isDrawn, reader]);
}
