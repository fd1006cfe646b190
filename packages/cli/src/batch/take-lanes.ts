import {
  type LaneStatus,
  NO_SET_LIMITS,
  type Plan,
  type ProviderId,
  type SetLimits,
  usualMs,
  type WorkLeft,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  bootClock,
  isAtWork,
  isCapped,
  type LaneQuery,
  openStore,
  providerSetLimits,
  readLanes,
  readWork,
  type Store,
  storeExists,
  type WorkQuery,
  waitsFor,
} from '@localize/runner';
import { isLaneOf, plannedLanes, plannedWork } from './plan-lanes.js';
import { settingsInUse } from './session.js';

/** Lanes at one moment of the clock by which they count. */
export interface LanesNow {
  readonly lanes: readonly LaneStatus[];
  readonly nowMs: number;
  /** What the run that is at work has still before it; absent where none is. */
  readonly work?: WorkLeft;
}

/** Keys of the jobs that no cap of the budget has room for. */
export type UnpaidJobs = ReadonlySet<string>;

const NONE_UNPAID: UnpaidJobs = new Set();

/** What is left to do is read less often than the lanes, since it is more to read and says much the same a moment later. */
const WORK_EVERY_MS = 1_000;

/** The same for the run that is at work on this store: the jobs that wait are those that it selected. */
export function runLanes(
  store: Store,
  plan: Plan,
  { emulatedSpeed, ...uploads }: Pick<WorkQuery, 'destinationOf' | 'paceOf'> & { readonly emulatedSpeed: number },
): () => LanesNow {
  let work: { readonly at: number; readonly left: WorkLeft } | null = null;
  return () => {
    const now = lanesOf(store, plan, { selected: true });
    if (work === null || now.nowMs - work.at >= WORK_EVERY_MS) {
      const query = { nowMs: now.nowMs, batch: plan.batch, usualMs: usualOf(plan, emulatedSpeed), ...uploads };
      work = { at: now.nowMs, left: readWork(store, query) };
    }
    return { ...now, work: work.left };
  };
}

/** The emulator takes as much less than the providers as it is faster. */
function usualOf({ emulate }: Plan, emulatedSpeed: number): WorkQuery['usualMs'] {
  const routes = new Map(catalogue.routes.map((route) => [route.id, route]));
  return (id, lengthMs) => {
    const route = routes.get(id);
    return route === undefined ? null : usualMs(route, lengthMs) / (emulate ? emulatedSpeed : 1);
  };
}

function lanesOf(
  store: Store,
  plan: Plan,
  {
    unpaid = NONE_UNPAID,
    ...query
  }: { unpaid?: UnpaidJobs | undefined } & Pick<LaneQuery, 'selected' | 'plannedLimits'>,
): LanesNow {
  const clock = bootClock(store);
  const nowMs = clock.nowMs();
  const lanes = readLanes(store, {
    nowMs,
    wallMs: clock.wallMs(),
    batch: plan.batch,
    ...query,
    isCapped: isCapped(store, plan),
    only: (lane) => isLaneOf(plan, lane),
    ...(unpaid.size > 0 ? { waitsForMoney: (key: string) => unpaid.has(key) } : {}),
  });
  return { lanes, nowMs };
}

/** Every lane that a plan may use, in the plan's order: as the state knows it, else as the plan has it. Makes no state. */
export function readPlanLanes(statePath: string, plan: Plan, unpaid?: UnpaidJobs): LanesNow {
  if (!storeExists(statePath)) return withPlanned({ lanes: [], nowMs: Date.now() }, plan, UNKNOWN);
  const store = openStore(statePath, { readonly: true });
  try {
    // A run keeps the limits that it began with; after it the manifest's, which may be others by now, are those that hold.
    const next = isAtWork(statePath, plan.batch) ? {} : { plannedLimits: (id: ProviderId) => plan.providers[id] };
    return withPlanned(lanesOf(store, plan, { unpaid, ...next }), plan, {
      setOf: (provider) => providerSetLimits(store, provider),
      known: () => waitsFor(store, plan.batch),
    });
  } finally {
    store.close();
  }
}

/** What the state says of a plan. */
interface Known {
  readonly setOf: (provider: ProviderId) => SetLimits;
  readonly known: () => ReturnType<typeof waitsFor>;
}

const UNKNOWN: Known = { setOf: () => NO_SET_LIMITS, known: () => new Map() };

function withPlanned(known: LanesNow, plan: Plan, state: Known): LanesNow {
  let jobs: ReturnType<Known['known']> | null = null;
  const lanes = settingsInUse(plan).flatMap((settings) => {
    const met = known.lanes.filter(({ provider }) => provider === settings.id);
    const names = new Set(met.flatMap(({ lane }) => lane.split('+')));
    if (settings.keys.every(({ variable }) => names.has(variable))) return met;
    // A batch may have results of a folder, and no lane yet.
    jobs ??= state.known();
    const work = plannedWork(plan, settings.id, jobs);
    const unmet = plannedLanes(settings, state.setOf(settings.id), work).filter(
      ({ lane }) => !lane.split('+').some((name) => names.has(name)),
    );
    return [...met, ...unmet];
  });
  return { lanes, nowMs: known.nowMs };
}
