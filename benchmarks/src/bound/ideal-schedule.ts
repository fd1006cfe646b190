/**
 * The least time that a batch can take inside its limits: what makespans are measured against.
 *
 * Times are milliseconds from the first create's arrival at the provider.
 */

/** What one account may do. A window slides: no stretch of `perMs` holds more than `creates` arrivals. */
export interface LaneLimit {
  readonly creates: number;
  readonly perMs: number;
  /** Predictions open at once. */
  readonly concurrent: number;
}

export interface Scheduled {
  /** Index into the lanes. */
  readonly lane: number;
  /** When the create arrives. */
  readonly startMs: number;
  /** When the prediction has ended. */
  readonly endMs: number;
}

/**
 * The schedule of a client that costs no time and knows of every end and every freed place as soon as a message can
 * tell it. Jobs leave in their order, each on the lane that takes it first.
 *
 * Nothing that takes the jobs in this order over lanes of equal limits can end sooner: starting every job as early as
 * the limits allow frees every slot and every place in a window as early as it can be. Another order might fill the
 * end of the batch better; {@link leastMakespanMs} holds for all of them.
 *
 * @param holdsMs how long each job's prediction is open, in the order of their creates
 * @param latencyMs what passes at least between an event at the provider and the arrival of a create that it allows: one
 * message there and one back. A place in a window is free `perMs` after the reply of the create that took it, since
 * only then a client can know that the create has arrived; that reply is as late.
 */
export function idealSchedule(lanes: readonly LaneLimit[], holdsMs: readonly number[], latencyMs: number): Scheduled[] {
  const states = lanes.map((limit) => ({ limit, starts: [] as number[], ends: [] as number[] }));
  return holdsMs.map((holdMs) => {
    const soonest = states.map(({ limit, starts, ends }) =>
      Math.max(placeAt(limit, starts, latencyMs), slotAt(limit, ends, latencyMs)),
    );
    const startMs = Math.min(...soonest);
    const lane = soonest.indexOf(startMs);
    const endMs = startMs + holdMs;
    states[lane]?.starts.push(startMs);
    states[lane]?.ends.push(endMs);
    return { lane, startMs, endMs };
  });
}

/** When the window takes one more. The starts of one lane never go back. */
function placeAt({ creates, perMs }: LaneLimit, starts: readonly number[], latencyMs: number): number {
  const taken = starts[starts.length - creates];
  return taken === undefined ? (starts.at(-1) ?? 0) : Math.max(starts.at(-1) ?? 0, taken + latencyMs + perMs);
}

/** When the prediction that keeps the last slot taken has ended, and we know of it. */
function slotAt({ concurrent }: LaneLimit, ends: readonly number[], latencyMs: number): number {
  if (ends.length < concurrent) return 0;
  const latestFirst = [...ends].sort((a, b) => b - a);
  return (latestFirst[concurrent - 1] ?? 0) + latencyMs;
}

export function makespanMs(schedule: readonly Scheduled[]): number {
  return Math.max(0, ...schedule.map(({ endMs }) => endMs));
}

/** No order of the jobs can end sooner than this: the longest job, all work over all slots, and the windows alone. */
export function leastMakespanMs(lanes: readonly LaneLimit[], holdsMs: readonly number[], latencyMs: number): number {
  if (holdsMs.length === 0) return 0;
  const slots = lanes.reduce((sum, { concurrent }) => sum + concurrent, 0);
  const work = holdsMs.reduce((sum, holdMs) => sum + holdMs, 0);
  const longest = Math.max(...holdsMs);
  const lastStart = idealSchedule(
    lanes.map((limit) => ({ ...limit, concurrent: Number.POSITIVE_INFINITY })),
    holdsMs.map(() => 0),
    latencyMs,
  ).at(-1);
  return Math.max(longest, work / slots, (lastStart?.startMs ?? 0) + Math.min(...holdsMs));
}
