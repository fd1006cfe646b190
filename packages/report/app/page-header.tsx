import {
  type Comparison,
  formatCount,
  formatNumber,
  formatTime,
  type OwnRun,
  type PageView,
  zoneWords,
} from '../src/view-model/index.js';
import type { Liveness } from './use-live-snapshot.js';

interface Props {
  readonly view: PageView;
  /** What the batch is set beside; `null` in its own report. */
  readonly comparison: Comparison | null;
  readonly liveness: Liveness;
  /** Where the report lies that stays when a live page has ended. */
  readonly reportPath: string | null;
  /** How many of the jobs the run of a live page is about. */
  readonly coveredJobs: number | null;
  /** Of a page that a run left. */
  readonly ownRun: OwnRun | null;
}

/** Whose report this is and of when. */
export function PageHeader({ view, comparison, liveness, reportPath, coveredJobs, ownRun }: Props) {
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
      {comparison !== null && (
        <p class="banner">
          <strong>A comparison.</strong> Before: <bdi>{comparison.before}</bdi>. After: <bdi>{comparison.after}</bdi>.
          What follows the changes is the report of the latter.
        </p>
      )}
      {view.selection !== null && (
        <p class="banner">
          <strong>A part of the batch.</strong> Jobs and their money are those of <code>{view.selection}</code>; runs,
          lanes and the budget are of the whole batch.
        </p>
      )}
      <div class="page-title">
        <h1>
          <bdi>{view.batch}</bdi>
        </h1>
        {liveness === 'live' && <p class="tag">Live: this page follows the run{coverage(view, coveredJobs)}</p>}
        {liveness === 'lost' && <p class="tag tag-warn">The run can’t be reached; trying again</p>}
        {liveness === 'ended' && (
          <p class="banner">
            <strong>The run is over,</strong> and this page stands still: its videos play no more from here. The report
            that stays is {reportPath === null ? 'index.html in the report folder' : <code>{reportPath}</code>}. It does
            not have marks that were made here: <a href="#videos">download them</a> first.
          </p>
        )}
        <p class="muted">
          <bdi>{view.manifest}</bdi>,{' '}
          {ownRun === null ? (
            <>as of {formatTime(view.takenAtMs, view.timeZone)}</>
          ) : (
            <>
              as the run of {view.lastRun?.started} left it. <a href={ownRun.latestPage}>The latest report</a>
            </>
          )}
          . <span class="time-zone-words">{zoneWords(view.timeZone)}.</span>
        </p>
      </div>
    </header>
  );
}

/** All figures of the page are of the whole batch. */
function coverage({ totals }: PageView, coveredJobs: number | null): string {
  const jobs = totals.jobs - totals.orphaned;
  if (coveredJobs === null || coveredJobs >= jobs) return '';
  return `, which is about ${formatNumber(coveredJobs)} of the ${formatCount(jobs, 'job')}`;
}

interface NavigationProps {
  readonly stopped: number;
  readonly hasComparison: boolean;
  readonly hasTimeline: boolean;
}

/** The parts of the page, at hand wherever it is scrolled to. */
export function PageNavigation({ stopped, hasComparison, hasTimeline }: NavigationProps) {
  return (
    <nav aria-label="Parts of this report">
      {hasComparison && <a href="#comparison">Changes</a>}
      <a href="#outcome">
        Outcome
        {stopped > 0 && (
          <span class="nav-count">
            {formatNumber(stopped)}
            <span class="unseen"> need a person</span>
          </span>
        )}
      </a>
      <a href="#cost">Cost</a>
      {hasTimeline && <a href="#timeline">Timeline</a>}
      <a href="#videos">Videos</a>
      <a href="#jobs">Jobs</a>
    </nav>
  );
}
