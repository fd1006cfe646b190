import { IllegalTransitionError } from './illegal-transition.js';

/**
 * Every state, event and legal move of jobs and of attempts. No other code assigns a state: the store's check constraints,
 * the runtime checks and the tests are made from these tables.
 */

/**
 * The life of a job.
 *
 *     pending -> staging -> submitting -> processing -> downloading -> succeeded
 *
 * or `failed`, `held` (a person or time must help), `canceled`.
 */
export const JOB_TRANSITIONS = {
  /** Waits in the backlog. */
  pending: {
    stage: 'staging',
    hold: 'held',
    fail: 'failed',
    cancel: 'canceled',
    /** A verified result with the same fingerprint was found elsewhere, so nothing needs to be bought. */
    restore: 'succeeded',
    /** Such a result is paid for and still at the provider. */
    refetch: 'downloading',
    /** A create that was given up for lost turned up in time. */
    found: 'processing',
  },
  /** Its assets are being made fetchable for the provider. Nothing has been bought. */
  staging: {
    unstage: 'pending',
    buy: 'submitting',
    restore: 'succeeded',
    refetch: 'downloading',
    found: 'processing',
    hold: 'held',
    fail: 'failed',
    cancel: 'canceled',
  },
  /** An intent is on disk; the create may have left. */
  submitting: {
    accepted: 'processing',
    refused: 'pending',
    unsent: 'pending',
    hold: 'held',
    fail: 'failed',
    cancel: 'canceled',
  },
  /** The provider has accepted and works on it. */
  processing: { completed: 'downloading', retry: 'pending', hold: 'held', fail: 'failed', cancel: 'canceled' },
  /** Paid for; the result is on its way to the disk. */
  downloading: { verified: 'succeeded', hold: 'held', fail: 'failed', cancel: 'canceled' },
  succeeded: {
    /** The output is gone from the disk: fetch what was paid for again. */
    refetch: 'downloading',
    /** The job's fingerprint changed and the user said yes. */
    remake: 'pending',
    restore: 'succeeded',
    hold: 'held',
  },
  failed: { retry: 'pending', found: 'processing', cancel: 'canceled', restore: 'succeeded' },
  held: {
    retry: 'pending',
    /** A lost create was found, or a paid prediction is followed again. */
    found: 'processing',
    /** The result is paid for and still at the provider. */
    refetch: 'downloading',
    /** Another reason to hold takes the place of the first. */
    hold: 'held',
    fail: 'failed',
    cancel: 'canceled',
    restore: 'succeeded',
  },
  canceled: { retry: 'pending', found: 'processing', refetch: 'downloading', restore: 'succeeded' },
} as const satisfies Record<string, Record<string, string>>;

export type JobState = keyof typeof JOB_TRANSITIONS;
export type JobEvent = { [S in JobState]: keyof (typeof JOB_TRANSITIONS)[S] }[JobState];

export const JOB_STATES = Object.keys(JOB_TRANSITIONS) as JobState[];

/** @throws IllegalTransitionError when the table has no such move. */
export function nextJobState(from: JobState, event: JobEvent): JobState {
  const moves: Partial<Record<JobEvent, JobState>> = JOB_TRANSITIONS[from];
  const to = moves[event];
  if (to === undefined) throw new IllegalTransitionError('job', from, event);
  return to;
}

/**
 * The life of an attempt: one paid create, from the durable intent to its end.
 *
 *     intended -> accepted -> completed
 *
 * `refused`: nothing was bought. `failed`: accepted, then failed at the provider. `uncertain`: nobody knows whether it
 * was bought. `abandoned`: the user gave up one that is uncertain, overdue or gone; its money stays at risk. `lost`: paid, result gone.
 */
export const ATTEMPT_TRANSITIONS = {
  intended: { accept: 'accepted', refuse: 'refused', doubt: 'uncertain' },
  accepted: {
    complete: 'completed',
    fail: 'failed',
    lose: 'lost',
    /** Overdue, not known to its provider, or without a key to ask with: the user has another bought. */
    abandon: 'abandoned',
  },
  completed: { lose: 'lost' },
  refused: {
    /** The user's word that it was never bought was a mistake: it is this prediction. */
    accept: 'accepted',
  },
  failed: {
    /** Its provider has a result of it after all. */
    complete: 'completed',
  },
  uncertain: {
    /** Found in the provider's list, or named by the user. */
    accept: 'accepted',
    /** The user's word, or proof, that it was never bought. */
    refuse: 'refused',
    abandon: 'abandoned',
  },
  abandoned: {
    accept: 'accepted',
    refuse: 'refused',
    /** One that was given up while it ran has ended all the same. */
    complete: 'completed',
    fail: 'failed',
  },
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
