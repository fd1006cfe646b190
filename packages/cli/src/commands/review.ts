import { EXIT, type ExitCode, LocalizeError, plainText, type Snapshot } from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  type ActionOptions,
  changedJobs,
  type EndedRedos,
  editedOutputs,
  endRedos,
  importMarks,
  withdrawMarks,
} from '@localize/runner';
import { readState } from '../batch/take-snapshot.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { buildPlanView, standingsIn } from '../output/plan-view.js';
import { isOfKnownRoute } from '../report/marked-routes.js';
import { readReviews } from '../report/read-reviews.js';
import { type ReviewedMark, reviewJson, reviewSummary, reviewText } from '../report/review-text.js';
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
 * @returns 1 when some mark could not be applied or taken back, or reviewers contradict each other
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
  return withActions(context, options.manifest, options, async ({ batch, store, jobs, options: actions }) => {
    const { clock } = actions;
    const marks = readReviews(files, { cwd: context.cwd, batch: batch.plan.batch });
    const { withdrawn, kept } =
      withdraw.length === 0 ? NONE : await withdrawSaid(actions, selectJobs(jobs, { only: withdraw }));
    const edited = await editedOutputs(store, batch.plan.batch);
    const imported: ReviewedMark[] = [
      ...importMarks(store, batch.plan.batch, marks.filter(isOfKnownRoute), clock.nowMs(), edited),
      ...marks.filter((mark) => !isOfKnownRoute(mark)).map((mark) => ({ mark, outcome: 'unknown-route' as const })),
    ];
    // The plan with the redos that the marks ask for.
    const asked = await openBatch(context, options.manifest, { ...options, keepGoing: true });
    const { plan } = asked;
    const source = { batch: asked, cwd: context.cwd, nowMs: clock.nowMs(), edited };
    const snapshot = readState(asked.location.path, source);
    const changed = await changedJobs(store, plan);
    const view = buildPlanView(plan, { standings: standingsIn(snapshot), changed, catalogue, selected: () => true });
    warnOfMissing(context, snapshot, new Set(marks.map(({ key }) => key)));
    const summary = reviewSummary(
      { imported, withdrawn: withdraw.length === 0 ? null : withdrawn, kept },
      view,
      snapshot.jobs,
    );
    if (options.json) context.out.write(`${JSON.stringify(reviewJson(summary))}\n`);
    else if (!options.quiet) context.out.write(reviewText(summary, batch.again));
    return summary.disputed.length > 0 || kept.length > 0 || imported.some(isLost) ? EXIT.someFailed : EXIT.ok;
  });
}

const NONE: EndedRedos = { withdrawn: [], kept: [] };

/** Takes back what was said of the present videos, and of those that a redo has taken the place of and come to nothing. */
async function withdrawSaid(actions: ActionOptions, isMeant: (key: string) => boolean): Promise<EndedRedos> {
  const ended = await endRedos(actions, isMeant);
  const more = withdrawMarks(actions.store, actions.batch, isMeant, actions.clock.nowMs());
  return { ...ended, withdrawn: [...ended.withdrawn, ...more] };
}

/** A mark of a video that is not on disk holds, since a run brings the very same back; who marked it should know. */
function warnOfMissing({ err }: CommandContext, { jobs }: Snapshot, marked: ReadonlySet<string>): void {
  for (const { key, missing, reason, mend } of jobs) {
    if (missing && marked.has(key)) err.write(`${plainText(key)}: ${reason}: ${mend}\n`);
  }
}

function isLost({ outcome }: ReviewedMark): boolean {
  return outcome !== 'applied' && outcome !== 'known' && outcome !== 'kept';
}
