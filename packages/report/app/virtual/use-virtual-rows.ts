import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { usePrinting } from './use-printing.js';

export interface VirtualRows {
  /** The element that scrolls. */
  readonly scrollRef: RefObject<HTMLElement>;
  /** Indexes of the rows to draw. */
  readonly items: readonly number[];
  /** Heights of what is left out above and below. */
  readonly before: number;
  readonly after: number;
}

/** Rows beyond the view that are drawn all the same, so that scrolling shows no gap. */
const OVERSCAN = 12;

/** Paper has no scroll bar: all rows are printed, up to some eighty pages. */
const MOST_PRINTED = 2000;

/** Which of `count` rows of one height are in view: TanStack Virtual for Preact. */
export function useVirtualRows(count: number, rowHeight: number): VirtualRows {
  const scrollRef = useRef<HTMLElement>(null);
  const [, redraw] = useReducer((drawn: number, _: undefined) => drawn + 1, 0);
  const options: VirtualizerOptions<HTMLElement, HTMLElement> = {
    count,
    overscan: OVERSCAN,
    estimateSize: () => rowHeight,
    getScrollElement: () => scrollRef.current,
    // Drawn before the scroll box is measured: enough for a tall screen.
    initialRect: { width: 0, height: 600 },
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());

  if (usePrinting()) return printedRows(scrollRef, count, rowHeight);
  const drawn = virtualizer.getVirtualItems();
  const first = drawn[0];
  const last = drawn.at(-1);
  return {
    scrollRef,
    items: drawn.map(({ index }) => index),
    before: first?.start ?? 0,
    after: last ? virtualizer.getTotalSize() - last.end : 0,
  };
}

function printedRows(scrollRef: RefObject<HTMLElement>, count: number, rowHeight: number): VirtualRows {
  const printed = Math.min(count, MOST_PRINTED);
  const items = Array.from({ length: printed }, (_, index) => index);
  return { scrollRef, items, before: 0, after: printed < count ? rowHeight : 0 };
}
