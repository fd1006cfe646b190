import { ContentClues } from '../content/content-clues.js';
import { formerJobs, uncountedWords } from '../foresee/find-former-jobs.js';
import type { RunContext } from '../run-context.js';
import { hasUnboughtJob } from '../store/backlog.js';
import { countFormerJobs } from '../store/former/former-jobs.js';

/**
 * Lets the caps of a batch's whole life count what was bought for its jobs while it had another name: else each rename
 * would begin them anew. Called before anything is bought.
 * @returns what else was spent under other names, in words: nobody can tell whether that is this batch's
 */
export async function countFormerNames(context: RunContext): Promise<string[]> {
  const { store, plan, options, contentIds, batchId, budget } = context;
  // Where there is none, all files need not be looked at; it is made up for in the first run that has one.
  if (!budget.caps.some(({ period }) => period === 'batch')) return [];
  const contents = { clues: new ContentClues(store), ids: contentIds };
  const found = await formerJobs(store, plan, options.manifestPath, contents);
  countFormerJobs(store, batchId, found);
  return !hasUnboughtJob(context) ? [] : uncountedWords(store, plan, options.manifestPath, found);
}
