import type { Catalogue, Route } from '../provider/route.js';
import type { Plan, PlannedJob, ProviderSettings } from './plan.js';
import { areLimitsAssumed } from './provider-settings.js';
import { startQueue } from './start-queue.js';

export interface Forecast {
  /** From the first create to the last completion; downloads and waiting for a person are not in it. */
  readonly milliseconds: number;
  readonly byProvider: readonly { readonly provider: string; readonly milliseconds: number; readonly lanes: number }[];
  /** Routes whose usual time or limits nobody has published. */
  readonly assumed: readonly string[];
}

/**
 * How long the batch takes when every job goes to the first of its choices and takes that route's usual time.
 *
 * Each provider's jobs are dealt in order to the lane that can start first: a lane starts no more than `creates` in a
 * window and has no more than `concurrent` running. Providers run side by side. Failures and 429 replies are not in
 * it, so it is a forecast for a good day.
 */
export function forecastMakespan(plan: Plan, catalogue: Catalogue): Forecast {
  const routes = new Map(catalogue.routes.map((route) => [route.id, route]));
  const jobsBy = new Map<string, PlannedJob[]>();
  for (const job of plan.jobs) {
    const provider = job.choices[0]?.provider;
    if (provider === undefined) continue;
    const jobs = jobsBy.get(provider);
    if (jobs === undefined) jobsBy.set(provider, [job]);
    else jobs.push(job);
  }
  const assumed = new Set<string>();
  const byProvider = [...jobsBy].flatMap(([provider, jobs]) => {
    const settings = plan.providers[provider];
    if (settings === undefined) return [];
    const lanes = laneCount(settings);
    const queue = startQueue(lanes, settings.limits);
    let end = 0;
    for (const job of jobs) {
      const route = routes.get(job.choices[0]?.route ?? '');
      if (route === undefined) continue;
      if (areLimitsAssumed(settings) || route.usual.source.kind === 'assumed') assumed.add(route.id);
      end = Math.max(end, queue.run(usualMs(route, job.durationMs)));
    }
    return [{ provider, milliseconds: end, lanes }];
  });
  const milliseconds = Math.max(0, ...byProvider.map((one) => one.milliseconds));
  return { milliseconds, byProvider, assumed: [...assumed] };
}

/** Expected of a video whose length nobody knows. */
const UNKNOWN_LENGTH_MS = 10_000;

/** What a route usually takes for a video of that length. */
export function usualMs({ usual }: Route, lengthMs: number | null): number {
  return usual.fixedSeconds * 1_000 + usual.secondsPerSecond * (lengthMs ?? UNKNOWN_LENGTH_MS);
}

/** Keys of one account share a lane; a key without one is an account of its own. */
export function laneCount(settings: ProviderSettings): number {
  const lanes = settings.keys.map(({ variable, account }) =>
    account === null ? `key ${variable}` : `account ${account}`,
  );
  return Math.max(1, new Set(lanes).size);
}
