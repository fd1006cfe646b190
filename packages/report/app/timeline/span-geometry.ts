import type { Span } from '../../src/view-model/index.js';

/** Width of a chart in its own units; the browser stretches it. */
export const VIEW_WIDTH = 10_000;

/** A bar is never thinner than this, so that a short attempt can be seen. */
const LEAST_WIDTH = 12;
const GAP = 0.2;
const TRACK_PIXELS = 9;
const MOST_PIXELS = 220;

/** All the bars as one path. */
export function spanPath(spans: readonly Span[]): string {
  return spans
    .map(({ from, to, track }) => {
      const x = Math.round(from * VIEW_WIDTH);
      const width = Math.max(LEAST_WIDTH, Math.round((to - from) * VIEW_WIDTH));
      return `M${x} ${track}h${width}v${1 - GAP}h${-width}z`;
    })
    .join('');
}

/** The bar at a place of the chart, if there is one. */
export function spanAt(spans: readonly Span[], x: number, track: number): Span | null {
  return spans.find((span) => span.track === track && span.from <= x && x <= span.to) ?? null;
}

/** Height of a chart: a busy lane gets thinner bars, not a longer page. */
export function laneHeight(tracks: number): string {
  return `${Math.min(MOST_PIXELS, tracks * TRACK_PIXELS)}px`;
}
