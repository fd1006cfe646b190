import { type CancelResult, EXIT, type ExitCode, plainText } from '@localize/core';
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
    const lines = canceled.map((each) => `${each.key} is canceled${words(each)}`);
    context.out.write(`${lines.length === 0 ? 'nothing to cancel' : lines.join('\n')}\n`);
  }
}

function words({ route, provider, stillOpen }: Canceled): string {
  if (!stillOpen) return '';
  const id = route?.split('/')[0] ?? 'its provider';
  const billed = 'it may still be billed, and the next run follows it for its cost';
  if (provider === null) return `; ${id} has no way to stop it: ${billed}`;
  if (provider.outcome === 'canceled') return `; ${id} has stopped it`;
  return `; ${id} was asked: ${plainText(provider.message)}${provider.outcome === 'asked' ? `; ${billed}` : ''}`;
}
