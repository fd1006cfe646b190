import { type CancelResult, EXIT, type ExitCode } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type AttemptRow, type Canceled, cancel as cancelJobs } from '@localize/runner';
import { openSession, type Session } from '../batch/session.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { selectJobs } from '../select/select-jobs.js';
import { withActions } from './open-actions.js';

/** `localize cancel`: stops what has not succeeded, and says what may still be billed. */
export async function cancel(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  return withActions(context, manifest, options, async ({ batch, knownJobs, options: actions }) => {
    const only = selectJobs(() => knownJobs, options);
    const session = await openSession(batch);
    try {
      const canceled = await cancelJobs(actions, { only, askProvider: (attempt) => askProvider(session, attempt) });
      show(context, canceled, options);
    } finally {
      await session.close();
    }
    return EXIT.ok;
  });
}

async function askProvider(session: Session, attempt: AttemptRow): Promise<CancelResult | null> {
  const provider = providers.get(attempt.provider);
  const route = catalogue.routes.find(({ id }) => id === attempt.route);
  const settings = session.plan.providers[attempt.provider];
  const key = session.keys.find(
    ({ provider: id, variable }) => id === attempt.provider && attempt.laneDisplay.split('+').includes(variable),
  );
  if (!provider?.cancel || !route || !settings || !key || attempt.reference === null) return null;
  const connection = { hosts: settings.hosts, auth: settings.auth, key: key.key };
  return provider.cancel(route, attempt.reference, { connection });
}

function show(context: CommandContext, canceled: readonly Canceled[], options: SharedOptions): void {
  if (options.json) context.out.write(`${JSON.stringify({ canceled })}\n`);
  else if (!options.quiet) {
    const lines = canceled.map(({ key, provider, stillOpen }) => `${key} is canceled${words(provider, stillOpen)}`);
    context.out.write(`${lines.length === 0 ? 'nothing to cancel' : lines.join('\n')}\n`);
  }
}

function words(provider: CancelResult | null, stillOpen: boolean): string {
  if (!stillOpen) return '';
  if (provider === null) return '; its provider cannot be asked to stop, so it may still be billed';
  return provider.outcome === 'canceled' ? '; the provider has stopped it' : `; the provider says: ${provider.message}`;
}
