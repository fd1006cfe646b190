import type { LaneStatus, ProviderId } from '@localize/core';
import { FINISHES_KEPT, type ProgressModel, RUNNING } from './progress-model.js';

/** How long a run may still take. */
export interface TimeLeft {
  readonly ms: number;
  /** It takes longer: of some provider nobody knows yet how fast it is. */
  readonly isLeast: boolean;
}

/** Fewer ends say nothing of how fast a provider is. */
const LEAST_FINISHES = 2;

/**
 * Each provider goes on as fast as it has been of late, and all at once: the slowest ends the run. Jobs that wait for a
 * person or for money are not waited for.
 * @returns `null` before anything is known
 */
export function timeLeft(model: ProgressModel, nowMs: number, lanes: readonly LaneStatus[] | null): TimeLeft | null {
  if (model.startedAtMs === null) return null;
  const left = jobsLeft(model, lanes ?? []);
  const times = [...left].map(([provider, jobs]) => timeOf(model, provider, jobs, nowMs));
  const known = times.flatMap((ms) => ms ?? []);
  return known.length === 0 ? null : { ms: Math.max(...known), isLeast: known.length < times.length };
}

/** Jobs that are under way or will be, by provider. */
function jobsLeft(model: ProgressModel, lanes: readonly LaneStatus[]): Map<ProviderId, number> {
  const left = new Map<ProviderId, number>();
  for (const { provider, waitingJobs, wait } of model.createsEnded ? [] : lanes) {
    // The jobs that wait are a provider's, whichever of its lanes will take them.
    if (wait.for !== 'person' && wait.for !== 'budget') left.set(provider, waitingJobs);
  }
  for (const [key, state] of model.states) {
    const provider = model.providers.get(key);
    // A job that is being staged counts among those that wait.
    if (provider === undefined || !RUNNING.includes(state)) continue;
    left.set(provider, (left.get(provider) ?? 0) + 1);
  }
  return new Map([...left].filter(([, jobs]) => jobs > 0));
}

function timeOf(model: ProgressModel, provider: ProviderId, jobs: number, nowMs: number): number | null {
  const finishes = model.finishes.get(provider) ?? [];
  if (finishes.length < LEAST_FINISHES) return null;
  // Up to now, so that a provider that has come to a halt shows.
  const since = Math.min(model.startedAtMs ?? nowMs, finishes[0] ?? nowMs);
  const first = finishes.length < FINISHES_KEPT ? since : (finishes[0] ?? since);
  return ((nowMs - first) / finishes.length) * jobs;
}
