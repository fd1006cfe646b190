import type { Failure, Micros, StatusResult } from '@localize/core';
import type { Redact } from '../http/redact.js';
import type { StatusWord } from '../reading/fields.js';
import { readOutput } from '../reading/output.js';

/** The words, in lower case, of one provider's polls that mean that a prediction is still open. */
export type OpenPhases = Readonly<Record<string, 'queued' | 'running'>>;

/** A status word that no page lists is polled on, since something was paid for. */
export function stillOpen({ word, spelt }: StatusWord, phases: OpenPhases, redact: Redact): StatusResult {
  const phase = Object.hasOwn(phases, word) ? phases[word] : undefined;
  if (phase !== undefined) return { state: 'pending', phase };
  return { state: 'pending', phase: 'unknown', unknownStatus: redact(spelt, 60) };
}

/** @param named what the reply names as the result; completed without any is a failure */
export function completed(named: unknown, redact: Redact, costMicros: Micros | null): StatusResult {
  const output = readOutput(named, redact);
  return output === null ? completedEmpty(costMicros) : { state: 'completed', output, costMicros, seed: null };
}

function completedEmpty(costMicros: Micros | null): StatusResult {
  const failure: Failure = { kind: 'provider', message: 'completed without an output', code: 'no_output' };
  return { state: 'failed', failure, canceled: false, costMicros, calledCompleted: true };
}

type Failed = Extract<StatusResult, { state: 'failed' }>;

/** @param costMicros what the provider says of this very prediction */
export function failed(failure: Failure, costMicros: Micros | null, canceled = false): Failed {
  return { state: 'failed', failure, canceled, costMicros };
}

/** Free by the provider's own pages, of which its reply says nothing. */
export function failedUncharged(failure: Failure): Failed {
  return { ...failed(failure, null), uncharged: true };
}
