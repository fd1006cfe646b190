import { formatDuration, formatTime, type ReportView } from '../src/view-model/index.js';
import type { Liveness } from './use-live-snapshot.js';

interface Props {
  readonly view: ReportView;
  readonly liveness: Liveness;
}

/** Whose report this is and of when. */
export function PageHeader({ view, liveness }: Props) {
  return (
    <header class="page-header">
      <a class="skip" href="#outcome">
        Skip to the outcome
      </a>
      {view.emulated && (
        <p class="banner">
          <strong>Simulated prices.</strong> This batch ran on the built-in emulator: no provider was called and nothing
          was bought.
        </p>
      )}
      <div class="page-title">
        <h1>
          <bdi>{view.batch}</bdi>
        </h1>
        {liveness === 'live' && <p class="tag">Live: this page follows the run</p>}
        {liveness === 'lost' && <p class="tag tag-warn">The run can’t be reached; trying again</p>}
        <p class="muted">{runText(view)}</p>
      </div>
    </header>
  );
}

interface NavigationProps {
  readonly hasComparison: boolean;
  readonly hasTimeline: boolean;
}

/** The parts of the page, at hand wherever it is scrolled to. */
export function PageNavigation({ hasComparison, hasTimeline }: NavigationProps) {
  return (
    <nav aria-label="Parts of this report">
      <a href="#outcome">Outcome</a>
      <a href="#cost">Cost</a>
      {hasComparison && <a href="#comparison">Changes</a>}
      <a href="#videos">Videos</a>
      <a href="#jobs">Jobs</a>
      {hasTimeline && <a href="#timeline">Timeline</a>}
    </nav>
  );
}

function runText({ latestRun, manifest, takenAtMs }: ReportView) {
  const as = `${manifest}, as of ${formatTime(takenAtMs)}`;
  if (latestRun === null) return as;
  if (latestRun.endedAtMs === null) return `${as}. A run that started at ${formatTime(latestRun.startedAtMs)} goes on.`;
  const took = formatDuration(latestRun.endedAtMs - latestRun.startedAtMs);
  return `${as}. The last run took ${took}${latestRun.endedWhy ? `: ${latestRun.endedWhy}` : ''}.`;
}
