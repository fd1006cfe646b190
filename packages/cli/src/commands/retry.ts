import { EXIT, type ExitCode } from '@localize/core';
import { retry as retryJobs } from '@localize/runner';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { selectJobs } from '../select/select-jobs.js';
import { withActions } from './open-actions.js';

export interface RetryOptions extends SharedOptions {
  readonly uncertain?: boolean;
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
    if (options.json) context.out.write(`${JSON.stringify({ again, resumed })}\n`);
    else if (!options.quiet) {
      const lines = [
        ...again.map((key) => `${key} will be bought again`),
        ...resumed.map((key) => `${key} is paid for and will be fetched`),
      ];
      context.out.write(`${lines.length === 0 ? 'nothing to retry' : lines.join('\n')}\n`);
      if (lines.length > 0) context.err.write(`To carry it out: localize ${batch.again}\n`);
    }
    return EXIT.ok;
  });
}
