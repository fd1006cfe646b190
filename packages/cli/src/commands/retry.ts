import { EXIT, type ExitCode } from '@localize/core';
import { isCapped, isKnownBatch, type Retried, retry as retryJobs, retryUnrun } from '@localize/runner';
import { openQuestions } from '../batch/ask-provider.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { selectJobs } from '../select/select-jobs.js';
import { type Actions, withActions } from './open-actions.js';
import { foreseeRetried, type RetryOutlook, usdOrNull } from './retry-outlook.js';
import { sayRetried } from './say-retried.js';

export interface RetryOptions extends SharedOptions {
  readonly uncertain?: boolean;
  readonly sameBatch?: boolean;
}

/** `localize retry`: back to work with what failed or is held. Buys nothing itself. */
export async function retry(
  context: CommandContext,
  manifest: string | undefined,
  options: RetryOptions,
): Promise<ExitCode> {
  return withActions(context, manifest, options, async (actions) => {
    const only = selectJobs(actions.jobs, options);
    const selected = actions.jobs().filter(({ key }) => only(key));
    const retried = await putBack(actions, only, options.uncertain ?? false);
    const outlook = await foreseeRetried(actions, retried);
    if (options.json) context.out.write(`${JSON.stringify(retryJson(retried, outlook))}\n`);
    else if (!options.quiet) sayRetried(context, actions, { retried, outlook, selected, options });
    return EXIT.ok;
  });
}

/** Jobs of a batch that has never run are not in the state: of them no more than a route's bill can be accepted. */
async function putBack(
  { batch, options: actions }: Actions,
  only: (key: string) => boolean,
  uncertain: boolean,
): Promise<Retried> {
  const capped = isCapped(actions.store, batch.plan) ? batch.plan : null;
  const isNew = !isKnownBatch(actions.store, batch.plan.batch);
  const unrun = isNew && capped ? retryUnrun(actions, capped, only) : null;
  if (unrun !== null) return unrun;
  const questions = openQuestions(batch, actions.store);
  try {
    return await retryJobs(actions, { only, uncertain, look: questions.status, capped });
  } finally {
    await questions.close();
  }
}

function retryJson(
  { resumed, unsettled, unasked, reopened }: Retried,
  { bought, free, placeTaken, prices }: RetryOutlook,
) {
  return {
    again: bought,
    free: [...free.keys()],
    resumed,
    unsettled,
    unasked,
    place_taken: [...placeTaken.keys()],
    reopened: reopened.map(({ route }) => route),
    estimated_usd: Object.fromEntries(bought.map((key) => [key, usdOrNull(prices.get(key))])),
  };
}
