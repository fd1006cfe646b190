import { useMemo, useState } from 'preact/hooks';
import {
  formatCount,
  formatDuration,
  formatZone,
  type Span,
  type SpanKind,
  type TimelineLane,
  type TimeWindow,
} from '../../src/view-model/index.js';
import { openArea } from '../charts/open-area.js';
import { type TimeTick, timeTicks } from '../charts/time-axis.js';
import { laneHeight, spanAt, spanPath, VIEW_WIDTH } from './span-geometry.js';

const KINDS: readonly SpanKind[] = ['send', 'queue', 'work', 'download', 'trouble'];
const KIND_WORDS: Readonly<Record<SpanKind, string>> = {
  send: 'waiting for the reply',
  queue: 'in the provider’s queue',
  work: 'at the provider',
  download: 'download',
  trouble: 'came to nothing, or in doubt',
};
const AREA_HEIGHT = 100;
const TICKS = 6;
/** A label that begins beyond this share of the plot has no room behind its line. */
const LAST_START = 0.8;

interface Props {
  readonly lane: TimelineLane;
  readonly window: TimeWindow;
  /** Whose clocks its axis shows. */
  readonly timeZone: string;
}

/**
 * The attempts of one lane as bars, over how many of its slots they took. One path a kind holds all bars, so that ten
 * thousand attempts are five elements; what lies under the pointer is looked up instead.
 */
export function LaneChart({ lane, window: { fromMs, toMs }, timeZone }: Props) {
  const paths = useMemo(
    () => KINDS.map((kind) => ({ kind, path: spanPath(lane.spans.filter((span) => span.kind === kind)) })),
    [lane],
  );
  const most = useMemo(() => lane.open.reduce((peak, { open }) => Math.max(peak, open), lane.slots ?? 1), [lane]);
  const taken = useMemo(
    () => openArea(lane.open, { fromMs, toMs, most, width: VIEW_WIDTH, height: AREA_HEIGHT }),
    [lane, fromMs, toMs, most],
  );
  const ticks = useMemo(() => timeTicks({ fromMs, toMs }, timeZone, TICKS), [fromMs, toMs, timeZone]);
  const [hovered, setHovered] = useState<Span | null>(null);

  const look = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    setHovered(spanAt(lane.spans, x, Math.floor(y * lane.tracks)));
  };

  return (
    <div class="lane-drawing">
      <Grid ticks={ticks} zone={formatZone(fromMs, timeZone)} />
      <ul class="open-axis" aria-hidden="true">
        <li>{formatCount(most, 'slot')}</li>
        <li>0</li>
      </ul>
      <svg
        class="open-chart"
        viewBox={`0 0 ${VIEW_WIDTH} ${AREA_HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Slots taken over time: at most ${lane.peakOpen}`}
      >
        <path d={taken} />
      </svg>
      <p class="lane-axis" aria-hidden="true">
        {lane.tracks > 1 ? 'attempts' : 'attempt'}
      </p>
      <svg
        class="lane-chart"
        viewBox={`0 0 ${VIEW_WIDTH} ${lane.tracks}`}
        preserveAspectRatio="none"
        style={{ height: laneHeight(lane.tracks) }}
        role="img"
        aria-label={`Timeline of ${lane.attempts} attempts; the tables below and the jobs tell the same in words`}
        onPointerMove={look}
        onPointerLeave={() => setHovered(null)}
      >
        {paths.map(({ kind, path }) => (
          <path key={kind} class={`span-${kind}`} d={path} />
        ))}
      </svg>
      <p class="muted hovered" aria-hidden="true">
        {hovered
          ? `${hovered.jobKey}: ${formatDuration(hovered.toMs - hovered.fromMs)} ${KIND_WORDS[hovered.kind]}`
          : '\u00a0'}
      </p>
    </div>
  );
}

function Grid({ ticks, zone }: { readonly ticks: readonly TimeTick[]; readonly zone: string }) {
  return (
    <ol class="time-grid" aria-hidden="true">
      <li class="time-zone">{zone}</li>
      {ticks.map(({ at, label }) => (
        <li key={label} class={at > LAST_START ? 'tick-end' : ''} style={{ left: `${at * 100}%` }}>
          {label}
        </li>
      ))}
    </ol>
  );
}
