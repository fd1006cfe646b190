import { useMemo, useState } from 'preact/hooks';
import { formatDuration, type Span, type SpanKind, type TimelineLane } from '../../src/view-model/index.js';
import { laneHeight, spanAt, spanPath, VIEW_WIDTH } from './span-geometry.js';

const KINDS: readonly SpanKind[] = ['queue', 'process', 'trouble'];

/**
 * The attempts of one lane as bars. One path a kind holds them all, so that ten thousand attempts are three elements;
 * what lies under the pointer is looked up instead.
 */
export function LaneChart({ lane }: { readonly lane: TimelineLane }) {
  const paths = useMemo(
    () => KINDS.map((kind) => ({ kind, path: spanPath(lane.spans.filter((span) => span.kind === kind)) })),
    [lane],
  );
  const [hovered, setHovered] = useState<Span | null>(null);

  const look = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    setHovered(spanAt(lane.spans, x, Math.floor(y * lane.tracks)));
  };

  return (
    <>
      <svg
        class="lane-chart"
        viewBox={`0 0 ${VIEW_WIDTH} ${lane.tracks}`}
        preserveAspectRatio="none"
        style={{ height: laneHeight(lane.tracks) }}
        role="img"
        aria-label={`Timeline of ${lane.attempts} attempts; the table below and the jobs tell the same in words`}
        onPointerMove={look}
        onPointerLeave={() => setHovered(null)}
      >
        {paths.map(({ kind, path }) => (
          <path key={kind} class={`span-${kind}`} d={path} />
        ))}
      </svg>
      <p class="muted hovered" aria-hidden="true">
        {hovered ? `${hovered.jobKey}: ${formatDuration(hovered.toMs - hovered.fromMs)}` : '\u00a0'}
      </p>
    </>
  );
}
