import { IllegalTransitionError } from './illegal-transition.js';

/**
 * The life of a job.
 *
 *     pending -> staging -> submitting -> processing -> downloading -> succeeded
 *
 * or `failed`, `held` (a person or time must help), `canceled`. `JOB_TRANSITIONS` is the only list of states, events
 * and legal moves: the store's check constraint, the runtime check and the tests are made from it.
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
  },
  /** Its assets are being made fetchable for the provider. Nothing has been bought. */
  staging: {
    unstage: 'pending',
    buy: 'submitting',
    restore: 'succeeded',
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
