import type { Catalogue, Plan, PlannedJob, ProviderId } from '@localize/core';

/**
 * How long a batch will take from now, by the lanes' limits and the routes' usual times: each job on the route it
 * would take first, in manifest order. A forecast, not a promise.
 */
export function forecastMs(plan: Plan, jobs: readonly PlannedJob[], catalogue: Catalogue): number {
  const byProvider = new Map<ProviderId, number[]>();
  for (const job of jobs) {
    const choice = job.choices[0];
    const route = catalogue.routes.find(({ id }) => id === choice?.route);
    if (choice === undefined || route === undefined) continue;
    const { fixedSeconds, secondsPerSecond } = route.usual;
    const seconds = fixedSeconds + secondsPerSecond * (choice.estimate.billedSeconds ?? (job.durationMs ?? 0) / 1000);
    byProvider.set(choice.provider, [...(byProvider.get(choice.provider) ?? []), seconds * 1000]);
  }
  return Math.max(0, ...[...byProvider].map(([provider, times]) => laneTimeMs(plan, provider, times)));
}

function laneTimeMs(plan: Plan, provider: ProviderId, times: readonly number[]): number {
  const settings = plan.providers[provider];
  if (settings === undefined) return 0;
  const lanes = new Set(settings.keys.map(({ variable, account }) => account ?? variable)).size;
  const { creates, perMs, concurrent } = settings.limits;
  const slots = new Array<number>(Math.max(1, lanes * concurrent)).fill(0);
  const starts: number[] = [];
  for (const [index, time] of times.entries()) {
    const slot = slots.indexOf(Math.min(...slots));
    const windowFree = (starts[index - lanes * creates] ?? -perMs) + perMs;
    const start = Math.max(slots[slot] ?? 0, windowFree);
    starts.push(start);
    slots[slot] = start + time;
  }
  return Math.max(...slots);
}
