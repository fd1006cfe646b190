import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { catalogue } from '@localize/providers';
import { changedJobs, type ImportedMark, importMarks, withdrawMarks } from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { buildPlanView, standingsIn } from '../output/plan-view.js';
import { readReviews } from '../report/read-reviews.js';
import { reviewJson, reviewSummary, reviewText } from '../report/review-text.js';
import { refuseEmptyItems } from '../select/refuse-empty.js';
import { selectJobs } from '../select/select-jobs.js';
import { withActions } from './open-actions.js';
import { openBatch } from './open-batch.js';

export interface ReviewOptions extends SharedOptions {
  readonly manifest?: string;
  /** Globs of the jobs whose marks are taken back. */
  readonly withdraw?: readonly string[];
}

/**
 * `localize review`: takes reviewers' marks into the state. Buys and moves nothing: a run does, and only with a yes.
 * @throws LocalizeError USAGE, JOB_UNKNOWN, REVIEW_UNUSABLE
 * @returns 1 when some mark could not be applied, or reviewers contradict each other
 */
export async function review(
  context: CommandContext,
  files: readonly string[],
  options: ReviewOptions,
): Promise<ExitCode> {
  const { withdraw = [] } = options;
  if (options.withdraw) refuseEmptyItems('withdraw', withdraw, "name jobs, such as keynote/de, or '**' for all");
  if (files.length + withdraw.length === 0) {
    throw new LocalizeError('USAGE', 'review takes files with marks, or --withdraw with jobs', {
      hint: 'the report’s page downloads such files: mark videos there',
    });
  }
  return withActions(context, options.manifest, options, async ({ batch, store, jobs, options: { clock } }) => {
    const marks = readReviews(files, { cwd: context.cwd, batch: batch.plan.batch });
    const withdrawn =
      withdraw.length === 0
        ? []
        : withdrawMarks(store, batch.plan.batch, selectJobs(jobs, { only: withdraw }), clock.nowMs());
    const imported = importMarks(store, batch.plan.batch, marks, clock.nowMs());
    // The plan with the redos that the marks ask for.
    const asked = await openBatch(context, options.manifest, { ...options, keepGoing: true });
    const { plan } = asked;
    const snapshot = readState(asked.location.path, { batch: asked, cwd: context.cwd, nowMs: clock.nowMs() });
    const changed = await changedJobs(store, plan);
    const view = buildPlanView(plan, { standings: standingsIn(snapshot), changed, catalogue, selected: () => true });
    const summary = reviewSummary({ imported, withdrawn }, view, snapshot.jobs);
    if (options.json) context.out.write(`${JSON.stringify(reviewJson(summary))}\n`);
    else if (!options.quiet) context.out.write(reviewText(summary, batch.again));
    return summary.disputed.length > 0 || imported.some(isLost) ? EXIT.someFailed : EXIT.ok;
  });
}

function isLost({ outcome }: ImportedMark): boolean {
  return outcome !== 'applied' && outcome !== 'known' && outcome !== 'kept';
}
