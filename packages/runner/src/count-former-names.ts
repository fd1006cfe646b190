import { ContentClues } from './content/content-clues.js';
import { formerJobs } from './foresee/former-jobs.js';
import type { RunContext } from './run-context.js';
import { countFormerJobs } from './store/former-jobs.js';

/**
 * Lets the caps of a batch's whole life count what was bought for its jobs while it had another name: else each rename
 * would begin them anew. Called before anything is bought.
 */
export async function countFormerNames({ store, plan, options, contentIds, batchId }: RunContext): Promise<void> {
  const contents = { clues: new ContentClues(store), ids: contentIds };
  countFormerJobs(store, batchId, await formerJobs(store, plan, options.manifestPath, contents));
}
