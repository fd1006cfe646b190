import { EXIT, type ExitCode } from '@localize/core';
import { catalogue } from '@localize/providers';
import { changedJobs, type ImportedMark, importMarks } from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { buildPlanView, standingsIn } from '../output/plan-view.js';
import { readReviews } from '../report/read-reviews.js';
import { reviewJson, reviewSummary, reviewText } from '../report/review-text.js';
import { withActions } from './open-actions.js';
import { openBatch } from './open-batch.js';

export interface ReviewOptions extends SharedOptions {
  readonly manifest?: string;
}

/**
 * `localize review`: takes reviewers' marks into the state. Buys and moves nothing: a run does, and only with a yes.
 * @returns 1 when some mark could not be applied, or reviewers contradict each other
 */
export async function review(
  context: CommandContext,
  files: readonly string[],
  options: ReviewOptions,
): Promise<ExitCode> {
  return withActions(context, options.manifest, options, async ({ batch, store, options: { clock } }) => {
    const marks = readReviews(files, { cwd: context.cwd, batch: batch.plan.batch });
    const imported = importMarks(store, batch.plan.batch, marks, clock.nowMs());
    // The plan with the redos that the marks ask for.
    const asked = await openBatch(context, options.manifest, { ...options, keepGoing: true });
    const { plan } = asked;
    const snapshot = readState(asked.location.path, { batch: asked, cwd: context.cwd, nowMs: clock.nowMs() });
    const changed = await changedJobs(store, plan);
    const view = buildPlanView(plan, { standings: standingsIn(snapshot), changed, catalogue, selected: () => true });
    const summary = reviewSummary(imported, view, snapshot.jobs);
    if (options.json) context.out.write(`${JSON.stringify(reviewJson(summary))}\n`);
    else if (!options.quiet) context.out.write(reviewText(summary, batch.again));
    return summary.disputed.length > 0 || imported.some(isLost) ? EXIT.someFailed : EXIT.ok;
  });
}

function isLost({ outcome }: ImportedMark): boolean {
  return outcome === 'other-bytes' || outcome === 'unknown-job';
}
