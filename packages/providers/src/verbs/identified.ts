import type { IdentifyResult } from '@localize/core';
import type { Poll } from './judge-poll.js';

/** What a poll says of a prediction that somebody names. @param compare what it was made of with what we sent */
export function identified(
  poll: Poll,
  compare: (body: Readonly<Record<string, unknown>>) => 'same' | 'different' | 'unknown',
): IdentifyResult {
  if (poll.answered) return { state: 'known', inputs: compare(poll.body) };
  const { result } = poll;
  if (result.state === 'vanished' || result.state === 'unanswered') return result;
  throw new Error(`a poll without an answer cannot say ${result.state}`);
}
