import {
  type CancelResult,
  EXIT,
  type ExitCode,
  expectedCost,
  formatUsd,
  mendCommand,
  openMoneyWords,
  plainText,
} from '@localize/core';
import { providers } from '@localize/providers';
import { type Ask, type Canceled, cancel as cancelJobs } from '@localize/runner';
import { type Asked, openQuestions, type Questions } from '../batch/ask-provider.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { selectJobs } from '../select/select-jobs.js';
import { withActions } from './open-actions.js';
import { sayStaleReport } from './say-stale-report.js';

/** `localize cancel`: stops what has not succeeded, and says what may still be billed. */
export async function cancel(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  return withActions(context, manifest, options, async ({ batch, jobs, options: actions }) => {
    const only = selectJobs(jobs, options);
    const questions = openQuestions(batch, actions.store);
    try {
      const canceled = await cancelJobs(actions, { only, askProvider: (...about) => askProvider(questions, ...about) });
      show(context, canceled, { ...options, again: batch.again });
      if (canceled.length > 0) sayStaleReport(context, batch, options);
    } finally {
      await questions.close();
    }
    return EXIT.ok;
  });
}

async function askProvider(
  questions: Questions,
  ...[attempt, onExchange]: Parameters<Ask<CancelResult | null>>
): Promise<CancelResult | null> {
  const { reference } = attempt;
  const verb = providers.get(attempt.provider)?.cancel;
  if (verb === undefined || reference === null) return null;
  const question = ({ route, call }: Asked) => verb(route, reference, call);
  const isOfKey = ({ outcome, isKeyRefused }: CancelResult, { isBuyer }: Asked) =>
    isKeyRefused === true || (outcome === 'unknown' && !isBuyer);
  const answer = await questions.ask(attempt, question, { onExchange, isOfKey });
  if (answer === null) return { outcome: 'unanswered', message: 'none of its keys is at hand' };
  const { outcome, message } = answer;
  return { outcome, message };
}

function show(
  context: CommandContext,
  canceled: readonly Canceled[],
  options: SharedOptions & { again: string },
): void {
  if (options.json) context.out.write(`${JSON.stringify({ canceled: canceled.map(inJson) })}\n`);
  else if (!options.quiet) {
    const lines = canceled.map((each) => `${each.key} is canceled${words(each, options.again)}`);
    context.out.write(`${lines.length === 0 ? 'nothing to cancel' : lines.join('\n')}\n`);
  }
}

/** Of a lost create the amount is told: its row is no part of the output. */
function inJson({ lost, lostNumber: _, ...rest }: Canceled): object {
  if (lost === null) return rest;
  const micros = expectedCost(lost);
  return { ...rest, at_risk_usd: micros === null ? null : formatUsd(micros) };
}

function words({ key, route, provider, stillOpen, lost, lostNumber }: Canceled, manifest: string): string {
  if (lost !== null) {
    const settle = mendCommand('uncertain', { manifest, key, provider: lost.provider, attempt: lostNumber });
    return `, while nobody knows whether its create was bought${openMoneyWords([lost])}; to settle it: ${settle}`;
  }
  if (!stillOpen) return '';
  const id = route?.split('/')[0] ?? 'its provider';
  const billed = 'it may still be billed, and the next run follows it for its cost';
  if (provider === null) return `; ${id} has no way to stop it: ${billed}`;
  if (provider.outcome === 'canceled') return `; ${id} has stopped it`;
  if (provider.outcome === 'unanswered')
    return `; ${id} could not be asked (${plainText(provider.message)}): ${billed}`;
  return `; ${id} was asked: ${plainText(provider.message)}${provider.outcome === 'asked' ? `; ${billed}` : ''}`;
}
