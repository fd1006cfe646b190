import type { JobState } from '../lifecycle/transitions.js';

/** `making it again is held: no lane that may take it is open`, of a finished job. @param why what happened, in plain words */
export function remakingWords(state: JobState, why: string): string {
  if (state === 'failed') return `making it again failed: ${why}`;
  return `making it again ${state === 'held' ? 'is held' : 'waits'}: ${why}`;
}
