import { IllegalTransitionError } from './illegal-transition.js';

/**
 * The life of an attempt: one paid create, from the durable intent to its end.
 *
 *     intended -> accepted -> completed
 *
 * `refused`: nothing was bought. `failed`: accepted, then failed at the provider. `uncertain`: nobody knows whether it
 * was bought. `abandoned`: the user gave an uncertain one up; its money stays at risk. `lost`: paid, result gone.
 */
export const ATTEMPT_TRANSITIONS = {
  intended: { accept: 'accepted', refuse: 'refused', doubt: 'uncertain' },
  accepted: { complete: 'completed', fail: 'failed', lose: 'lost' },
  completed: { lose: 'lost' },
  refused: {},
  failed: {},
  uncertain: {
    /** Found in the provider's list, or named by the user. */
    accept: 'accepted',
    /** The user's word, or proof, that it was never bought. */
    refuse: 'refused',
    abandon: 'abandoned',
  },
  abandoned: { accept: 'accepted', refuse: 'refused' },
  lost: {
    /** It came back: the provider serves the result again. */
    complete: 'completed',
  },
} as const satisfies Record<string, Record<string, string>>;

export type AttemptState = keyof typeof ATTEMPT_TRANSITIONS;
export type AttemptEvent = { [S in AttemptState]: keyof (typeof ATTEMPT_TRANSITIONS)[S] }[AttemptState];

export const ATTEMPT_STATES = Object.keys(ATTEMPT_TRANSITIONS) as AttemptState[];

/**
 * States in which an attempt may have something running at the provider. They guard the one-attempt-a-job index, and
 * they hold a slot of their lane.
 */
export const OPEN_ATTEMPT_STATES = ['intended', 'accepted', 'uncertain'] as const satisfies readonly AttemptState[];

/** @throws IllegalTransitionError when the table has no such move. */
export function nextAttemptState(from: AttemptState, event: AttemptEvent): AttemptState {
  const moves: Partial<Record<AttemptEvent, AttemptState>> = ATTEMPT_TRANSITIONS[from];
  const to = moves[event];
  if (to === undefined) throw new IllegalTransitionError('attempt', from, event);
  return to;
}
