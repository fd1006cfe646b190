import {
  formatDuration,
  formatNumber,
  formatTime,
  type RunRow,
  type Timeline,
  type TimelineLane,
} from '../../src/view-model/index.js';
import { Section } from '../parts/section.js';
import { LaneChart } from '../timeline/lane-chart.js';
import { LatencyTable } from '../timeline/latency-table.js';
import { RunTable } from '../timeline/run-table.js';

interface Props {
  readonly timeline: Timeline;
  readonly runs: readonly RunRow[];
  readonly emulated: boolean;
}

/** How did it go? Every attempt on the lane that made it, and how long each route took. */
export function TimelineSection({ timeline, runs, emulated }: Props) {
  return (
    <Section id="timeline" title="How did it go?">
      <p class="muted">
        {formatTime(timeline.fromMs)} to {formatTime(timeline.toMs)}, {formatDuration(timeline.toMs - timeline.fromMs)}.{' '}
        {formatNumber(timeline.retries)} tries again on the same route, {formatNumber(timeline.failovers)} on another.
        {emulated && ' Times are the emulator’s.'}
      </p>
      <ul class="legend" aria-hidden="true">
        <li class="key-queue">waiting for a reply</li>
        <li class="key-process">at the provider</li>
        <li class="key-trouble">came to nothing, or in doubt</li>
      </ul>
      {timeline.lanes.map((lane) => (
        <Lane key={`${lane.provider} ${lane.lane}`} lane={lane} />
      ))}
      {timeline.latency.length > 0 && <LatencyTable rows={timeline.latency} />}
      {runs.length > 0 && <RunTable rows={runs} />}
    </Section>
  );
}

function Lane({ lane }: { readonly lane: TimelineLane }) {
  return (
    <div class="lane">
      <h3>
        {lane.provider} <code>{lane.lane}</code>
      </h3>
      <p class="muted lane-facts">
        {formatNumber(lane.attempts)} attempts · most open at once {lane.peakOpen} · slots used {lane.used} ·{' '}
        {formatNumber(lane.rateLimited)} refused by the rate limit
      </p>
      <LaneChart lane={lane} />
    </div>
  );
}
