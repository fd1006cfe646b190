import {
  type LaneStatus,
  NO_SET_LIMITS,
  type Plan,
  type ProviderId,
  type SetLimits,
  type Snapshot,
} from '@localize/core';
import { bootClock, openStore, providerSetLimits, readLanes, type Store, storeExists } from '@localize/runner';
import { isLaneOf, plannedLanes, plannedWork } from './plan-lanes.js';
import { settingsInUse } from './session.js';

/** Lanes at one moment of the clock by which they count. */
export interface LanesNow {
  readonly lanes: readonly LaneStatus[];
  readonly nowMs: number;
}

/** The lanes of a plan that some run has met. Cheap: a display looks several times a second. */
export function takeLanes(store: Store, plan: Plan, jobs: Snapshot['jobs'] | null = null): LanesNow {
  return lanesOf(store, plan, { jobs });
}

/** The same for the run that is at work on this store: the jobs that wait are those that it selected. */
export function takeRunLanes(store: Store, plan: Plan): LanesNow {
  return lanesOf(store, plan, { jobs: null, selected: true });
}

function lanesOf(
  store: Store,
  plan: Plan,
  { jobs, selected = false }: { jobs: Snapshot['jobs'] | null; selected?: boolean },
): LanesNow {
  const nowMs = bootClock(store).nowMs();
  const unpaid = new Set(jobs?.filter(({ waitsForMoney }) => waitsForMoney).map(({ key }) => key));
  const lanes = readLanes(store, {
    nowMs,
    batch: plan.batch,
    selected,
    only: (lane) => isLaneOf(plan, lane),
    ...(unpaid.size > 0 ? { waitsForMoney: (key: string) => unpaid.has(key) } : {}),
  });
  return { lanes, nowMs };
}

/** Every lane that a plan may use, in the plan's order: as the state knows it, else as the plan has it. Makes no state. */
export function readPlanLanes(statePath: string, plan: Plan, jobs: Snapshot['jobs'] | null = null): LanesNow {
  if (!storeExists(statePath)) return withPlanned({ lanes: [], nowMs: Date.now() }, plan, () => NO_SET_LIMITS);
  const store = openStore(statePath, { readonly: true });
  try {
    return withPlanned(takeLanes(store, plan, jobs), plan, (provider) => providerSetLimits(store, provider));
  } finally {
    store.close();
  }
}

function withPlanned(known: LanesNow, plan: Plan, setOf: (provider: ProviderId) => SetLimits): LanesNow {
  const work = plannedWork(plan);
  const lanes = settingsInUse(plan).flatMap((settings) => {
    const met = known.lanes.filter(({ provider }) => provider === settings.id);
    const names = new Set(met.flatMap(({ lane }) => lane.split('+')));
    const unmet = plannedLanes(settings, setOf(settings.id), work.get(settings.id) ?? 0).filter(
      ({ lane }) => !lane.split('+').some((name) => names.has(name)),
    );
    return [...met, ...unmet];
  });
  return { lanes, nowMs: known.nowMs };
}
