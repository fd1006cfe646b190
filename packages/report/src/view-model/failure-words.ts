import type { AttemptSnapshot, FailureKind } from '@localize/core';

/** What each kind of failure means, for a person who did not write this. */
export const FAILURE_WORDS: Readonly<Record<FailureKind, string>> = {
  'invalid-input': 'The provider does not take this input',
  'rejected-content': 'The provider’s moderation rejected the content',
  auth: 'The provider refused the key',
  payment: 'The provider wants payment: the balance is empty',
  'rate-limit': 'The provider’s limit left no room for it',
  provider: 'It failed at the provider',
  network: 'The provider could not be reached',
  storage: 'A file could not be stored or fetched',
  uncertain: 'Nobody knows whether it was bought',
};

/** The same of one attempt: what stopped it once it was bought is not what would have stopped it before. */
export function attemptFailureWords({ state }: Pick<AttemptSnapshot, 'state'>, kind: FailureKind): string {
  if (kind === 'provider' && state === 'completed') return 'Its result could not be used';
  if (kind === 'provider' && state === 'lost') return 'Its result is gone';
  const isOpen = state === 'accepted' || state === 'abandoned';
  return kind === 'invalid-input' && isOpen ? 'The provider no longer answers for it' : FAILURE_WORDS[kind];
}
