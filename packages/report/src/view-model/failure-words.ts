import type { FailureKind } from '@localize/core';

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
