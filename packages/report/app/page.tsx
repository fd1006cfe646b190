import { useMemo, useState } from 'preact/hooks';
import { ALL_JOBS, buildPageView, type JobFilter, type PageData, toDoGlance } from '../src/view-model/index.js';
import { PageHeader, PageNavigation } from './page-header.js';
import { Afterwards } from './parts/afterwards.js';
import type { Marking } from './review/marking.js';
import { ComparisonSection } from './sections/comparison-section.js';
import { CostSection } from './sections/cost-section.js';
import { OutcomeSection } from './sections/outcome-section.js';
import { ReviewSectionHeads, ReviewSections } from './sections/review-sections.js';
import { TimelineSection } from './sections/timeline-section.js';
import { useLiveSnapshot } from './use-live-snapshot.js';

/** The whole report: did it work, what did it cost, how did it go, is it good. */
export function Page({ data }: { readonly data: PageData }) {
  const { mediaBase, comparison, reportPath, coveredJobs, runPages, ownRun } = data;
  const { snapshot, liveness } = useLiveSnapshot(data);
  const view = useMemo(() => buildPageView(snapshot, ownRun?.id), [snapshot, ownRun]);
  const marking = useMemo<Marking>(() => {
    if (ownRun !== null) return { latestPage: ownRun.latestPage };
    return liveness === 'ended' ? { reportPath } : 'here';
  }, [ownRun, liveness, reportPath]);
  const hasTimeline = snapshot.jobs.some((job) => job.attempts.length > 0);
  const [filter, setFilter] = useState<JobFilter>(ALL_JOBS);

  const runPageOf = (id: string | undefined) =>
    id && id !== ownRun?.id && Object.hasOwn(runPages, id) ? (runPages[id] ?? null) : null;

  const showJobs = (change: Partial<JobFilter>) => {
    setFilter({ ...ALL_JOBS, ...change });
    document.getElementById('jobs')?.scrollIntoView();
  };

  return (
    <>
      <PageHeader
        view={view}
        comparison={comparison}
        liveness={liveness}
        reportPath={reportPath}
        coveredJobs={coveredJobs}
        ownRun={ownRun}
      />
      <PageNavigation
        stopped={toDoGlance(view).forPerson}
        hasComparison={comparison !== null}
        hasTimeline={hasTimeline}
      />
      <main>
        {comparison && <ComparisonSection comparison={comparison} />}
        <OutcomeSection view={view} runPage={runPageOf(view.lastRun?.id)} onShowJobs={showJobs} />
        <CostSection view={view} jobs={snapshot.jobs} />
        {hasTimeline && <TimelineSection snapshot={snapshot} runPages={runPages} ownRun={ownRun?.id ?? null} />}
        <Afterwards until={<ReviewSectionHeads />}>
          {() => (
            <ReviewSections
              snapshot={snapshot}
              mediaBase={mediaBase}
              redos={view.redos}
              marking={marking}
              filter={filter}
              onFilter={setFilter}
            />
          )}
        </Afterwards>
      </main>
    </>
  );
}
