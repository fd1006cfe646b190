import type { IdentifyResult } from '@localize/core';
import { type AttemptRow, dayAround, findQueryOf, type Identify, systemClock } from '@localize/runner';
import { type Asked, isKeyRefused, type Questions } from '../batch/ask-provider.js';

type Inputs = Extract<IdentifyResult, { state: 'known' }>['inputs'];

/**
 * Whether a prediction that the user names is what an attempt bought: by what a look at it shows, and where that echoes no
 * inputs by what the provider's list says of it. Where neither tells, that the provider knows it must do.
 */
export function identifyAt(questions: Questions): Identify {
  return (reference, predictionId) => async (attempt, onExchange) => {
    const question = async (asked: Asked): Promise<IdentifyResult> => {
      const seen = await look(asked, attempt, reference);
      if (seen.state !== 'known' || seen.inputs !== 'unknown') return seen;
      return { state: 'known', inputs: await listedInputs(asked, attempt, predictionId) };
    };
    // That another key than the one that sent the create does not know it says nothing while there are more to ask with.
    const isOfKey = (answer: IdentifyResult, { isBuyer }: Asked) =>
      isKeyRefused(answer) || (answer.state === 'vanished' && !isBuyer);
    const answer = await questions.ask(attempt, question, { onExchange, isOfKey });
    if (answer !== null) return answer;
    const message = `none of the keys of ${attempt.provider} is at hand`;
    return { state: 'unanswered', failure: { kind: 'auth', message } };
  };
}

async function look(
  { provider, route, call }: Asked,
  { request: { media, input } }: AttemptRow,
  reference: Parameters<Identify>[0],
): Promise<IdentifyResult> {
  if (provider.identify) return provider.identify({ route, media, input }, reference, call);
  const status = await provider.status(route, reference, call);
  const isKnown = status.state !== 'vanished' && status.state !== 'unanswered';
  return isKnown ? { state: 'known', inputs: 'unknown' } : status;
}

/** A list that lags, or cannot be read, says nothing. */
async function listedInputs({ provider, route, call }: Asked, attempt: AttemptRow, named: string): Promise<Inputs> {
  const query = { ...findQueryOf(attempt, route), named };
  for (const around of [query.around, dayAround(query, systemClock().wallMs())]) {
    const found = await provider.find?.({ ...query, ...(around && { around }) }, call);
    if (found?.state !== 'listed') return 'unknown';
    const [listed] = found.candidates;
    if (listed !== undefined) return listed.inputs;
  }
  return 'unknown';
}
