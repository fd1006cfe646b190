import type { CallContext, IdentifyResult, JsonObject, StartRequest } from '@localize/core';
import { referenceId } from './judge-create.js';
import type { Poll } from './judge-poll.js';

type Inputs = Extract<IdentifyResult, { state: 'known' }>['inputs'];

/** What one poll says of a prediction that somebody names. @param compare what it was made of with what we sent */
export function identifyBy(
  poll: (id: string, context: CallContext) => Promise<Poll>,
  compare: (request: StartRequest, body: Readonly<Record<string, unknown>>) => Inputs,
) {
  return async (request: StartRequest, reference: JsonObject, context: CallContext): Promise<IdentifyResult> => {
    const seen = await poll(referenceId(reference), context);
    if (seen.answered) return { state: 'known', inputs: compare(request, seen.body) };
    const { result } = seen;
    if (result.state === 'vanished' || result.state === 'unanswered') return result;
    throw new Error(`a poll without an answer cannot say ${result.state}`);
  };
}
