import { type Estimate, EXIT, type ExitCode, formatUsd } from '@localize/core';
import { retry as retryJobs } from '@localize/runner';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { selectJobs } from '../select/select-jobs.js';
import { withActions } from './open-actions.js';

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
  return withActions(context, manifest, options, async ({ batch, knownJobs, options: actions }) => {
    const only = selectJobs(() => knownJobs, options);
    const { again, resumed } = await retryJobs(actions, { only, uncertain: options.uncertain ?? false });
    const prices = new Map(batch.plan.jobs.map(({ key, choices }) => [key, choices[0]?.estimate]));
    if (options.json) {
      const estimates = again.map((key) => [key, usdOrNull(prices.get(key))]);
      context.out.write(`${JSON.stringify({ again, resumed, estimated_usd: Object.fromEntries(estimates) })}\n`);
    } else if (!options.quiet) {
      const lines = [
        ...again.map((key) => `${key} will be bought again ${priceWords(prices.get(key))}`),
        ...resumed.map((key) => `${key} is paid for and will be fetched`),
      ];
      context.out.write(`${lines.length === 0 ? 'nothing to retry' : lines.join('\n')}\n`);
      if (lines.length > 0) context.err.write(`To carry it out: localize ${batch.again}\n`);
    }
    return EXIT.ok;
  });
}

function usdOrNull(estimate: Estimate | undefined): string | null {
  return estimate === undefined || estimate.micros === null ? null : formatUsd(estimate.micros);
}

/** What the next run will pay for it, as far as anybody can say beforehand. */
function priceWords(estimate: Estimate | undefined): string {
  const usd = usdOrNull(estimate);
  if (usd === null) return 'at a price that is unknown beforehand';
  return `for ${estimate?.certainty === 'floor' ? 'at least' : 'about'} $${usd}`;
}
