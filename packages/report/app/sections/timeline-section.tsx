import type { Snapshot } from '@localize/core';
import { useMemo, useState } from 'preact/hooks';
import {
  buildTimeline,
  formatCount,
  formatDuration,
  formatNumber,
  formatSecond,
  runRows,
  type Timeline,
  type TimelineLane,
} from '../../src/view-model/index.js';
import { Afterwards } from '../parts/afterwards.js';
import { Choice } from '../parts/choice.js';
import { Section } from '../parts/section.js';
import { LaneChart } from '../timeline/lane-chart.js';
import { LaneTimeBar } from '../timeline/lane-time-bar.js';
import { RunTable } from '../timeline/run-table.js';
import { TimeTable } from '../timeline/time-table.js';

interface Props {
  readonly snapshot: Snapshot;
  readonly runPages: Readonly<Record<string, string>>;
  /** The run whose page this is. */
  readonly ownRun: string | null;
}

const ALL_TIME = 'all';

/** How did it go? Worked out once the rest can be seen: it takes longer than all of that. */
export function TimelineSection(props: Props) {
  return (
    <Section id="timeline" title="How did it go?">
      <Afterwards>{() => <WholeTimeline {...props} />}</Afterwards>
    </Section>
  );
}

/** Every attempt on the lane that made it, where time was lost, how long each route took, each run. */
function WholeTimeline({ snapshot, runPages, ownRun }: Props) {
  const runs = useMemo(() => runRows(snapshot), [snapshot]);
  const latest = runs.length > 1 ? runs.find(({ didSomething }) => didSomething)?.id : undefined;
  const [chosen, setChosen] = useState(ownRun ?? latest ?? ALL_TIME);
  const window = runs.find(({ id }) => id === chosen)?.window ?? null;
  const timeline = useMemo(() => buildTimeline(snapshot, window), [snapshot, window]);
  const choices = [
    { id: ALL_TIME, name: 'All runs' },
    ...runs.map(({ id, shortId, startedAt }) => ({ id, name: `${startedAt}, ${shortId}` })),
  ];
  return (
    <>
      {runs.length > 1 && <Choice label="Run" value={chosen} choices={choices} onChoose={setChosen} />}
      {timeline === null && <p class="calm">This run made no attempt, and none went on in it.</p>}
      {timeline !== null && <Lanes timeline={timeline} isOfRun={window !== null} snapshot={snapshot} />}
      {runs.length > 0 && <RunTable rows={runs} pages={runPages} ownRun={ownRun} manifest={snapshot.manifest} />}
    </>
  );
}

interface LanesProps {
  readonly timeline: Timeline;
  readonly isOfRun: boolean;
  readonly snapshot: Pick<Snapshot, 'emulated' | 'timeZone'>;
}

function Lanes({ timeline, isOfRun, snapshot: { emulated, timeZone } }: LanesProps) {
  return (
    <>
      <p class="muted timeline-facts">
        {formatSecond(timeline.fromMs, timeZone)} to {formatSecond(timeline.toMs, timeZone)},{' '}
        {formatDuration(timeline.toMs - timeline.fromMs)}. {repeatWords(timeline)}
        {emulated && ' Times are the emulator’s.'}
      </p>
      <ul class="legend" aria-hidden="true">
        <li class="key-open">slots taken</li>
        <li class="key-send">waiting for the reply</li>
        <li class="key-queue">in the provider’s queue</li>
        <li class="key-work">at the provider</li>
        <li class="key-download">download</li>
        <li class="key-trouble">came to nothing, or in doubt</li>
      </ul>
      {timeline.lanes.map((lane) => (
        <Lane key={`${lane.provider} ${lane.lane}`} lane={lane} timeline={timeline} timeZone={timeZone} />
      ))}
      <TimeTable
        title="Where the time of a video went"
        of="Phase"
        note={`Over all attempts ${isOfRun ? 'of this run' : 'of all runs'}, as far as it was seen.`}
        rows={timeline.phases}
      />
      <TimeTable title="Time at the provider" of="Route" rows={timeline.latency} />
    </>
  );
}

function repeatWords({ retries, failovers }: Timeline): string {
  if (retries + failovers === 0) return 'Nothing had to be tried twice.';
  return `${formatCount(retries, 'retry', 'retries')} on the same route, ${formatCount(failovers, 'failover')} to another.`;
}

interface LaneProps {
  readonly lane: TimelineLane;
  readonly timeline: Timeline;
  readonly timeZone: string;
}

function Lane({ lane, timeline, timeZone }: LaneProps) {
  return (
    <div class="lane">
      <h3>
        {lane.provider} <code>{lane.lane}</code>
      </h3>
      <p class="muted lane-facts">
        {formatCount(lane.attempts, 'attempt')}
        {lane.earlier > 0 && `, ${formatNumber(lane.earlier)} from before that went on`} · most open at once{' '}
        {lane.peakOpen} · slots used {lane.used} · most creates {lane.peakCreates} · {formatNumber(lane.rateLimited)}{' '}
        refused by the rate limit
      </p>
      <LaneChart lane={lane} window={timeline} timeZone={timeZone} />
      <LaneTimeBar time={lane.time} />
    </div>
  );
}
