import {
  type LaneStatus,
  limitsInForce,
  type Plan,
  type ProviderId,
  type ProviderSettings,
  type SetLimits,
  sourcesInForce,
} from '@localize/core';
import type { LaneQuery } from '@localize/runner';
import { laneHost } from './lane-host.js';

type LaneIdentity = Parameters<NonNullable<LaneQuery['only']>>[0];

/** The variables whose keys a lane has, as its display name joins them. */
export function variablesOf({ display }: Pick<LaneIdentity, 'display'>): string[] {
  return display.split('+');
}

/** Whether a lane of the state is one of a plan's: at the plan's host, with one of its keys. */
export function isLaneOf(plan: Plan, lane: LaneIdentity): boolean {
  const keys = plan.providers[lane.provider]?.keys ?? [];
  return (
    laneHost(plan, lane.provider) === lane.host &&
    variablesOf(lane).some((name) => keys.some(({ variable }) => variable === name))
  );
}

/** The lanes of a provider as the plan has them, before any run has met them: nothing is open, nothing is learned. */
export function plannedLanes(settings: ProviderSettings, set: SetLimits, waitingJobs: number): LaneStatus[] {
  const accounts = new Map<string, string[]>();
  for (const { variable, account } of settings.keys) {
    const name = account ?? `key ${variable}`;
    accounts.set(name, [...(accounts.get(name) ?? []), variable]);
  }
  return [...accounts.values()].map((variables) => ({
    lane: variables.join('+'),
    provider: settings.id,
    limits: limitsInForce(settings.limits, set),
    from: sourcesInForce(settings.limitsFrom, set),
    learnedConcurrent: null,
    open: 0,
    doubtful: 0,
    inWindow: 0,
    nextPlaceAtMs: null,
    placesFreeAtMs: [],
    rateLimited: 0,
    waitingJobs,
    wait: { for: waitingJobs > 0 ? 'job' : 'nothing' },
  }));
}

/** How many jobs of a plan would go to a provider first. @param known by key where jobs go that the state knows */
export function plannedWork(
  plan: Plan,
  provider: ProviderId,
  known: ReadonlyMap<string, ProviderId | null> = NONE_KNOWN,
): number {
  let jobs = 0;
  for (const { key, choices } of plan.jobs) {
    const waitsFor = known.get(key);
    if ((waitsFor === undefined ? choices[0]?.provider : waitsFor) === provider) jobs += 1;
  }
  return jobs;
}

const NONE_KNOWN: ReadonlyMap<string, null> = new Map();
