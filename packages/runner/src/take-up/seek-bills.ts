import type { Micros } from '@localize/core';
import { updateSidecarCost } from '../content/sidecar.js';
import type { Lane } from '../lanes/lane.js';
import { keyForLook } from '../lanes/lane-keys.js';
import { callContext, failureOf, jobOf, providerOf, type RunContext, routeOf } from '../run-context.js';
import { noteBill } from '../step/note-bill.js';
import { attemptById } from '../store/backlog.js';
import { prepared } from '../store/prepared.js';
import type { AttemptRow } from '../store/store.js';

const AT_ONCE = 8;
const TIMEOUT_MS = 5_000;
const HOUR_MS = 3_600_000;
/** Books are not asked about what is older; those of failures that are free by the pages stay empty mostly. */
const LOOK_BACK_MS = { inDoubt: 30 * 24 * HOUR_MS, free: 24 * HOUR_MS } as const;

/** How many bills are asked for at most, of how many of the newest attempts. Of a larger batch each further look asks for more. */
export interface BillSearch {
  readonly completed: number;
  readonly failed: number;
  readonly among: number;
}

const ALL: BillSearch = { completed: 200, failed: 32, among: Number.MAX_SAFE_INTEGER };

/**
 * Asks providers with books of their own once more for what they had not booked yet when a result or a failure came: until
 * then the price list, or the rule for failures, says what it cost. Where they say nothing of results from the newest to the
 * oldest, they are not asked about the others; of most failures they never say anything. Free.
 * @returns how many they told
 */
export async function seekBills(context: RunContext, most: BillSearch = ALL): Promise<number> {
  const lanes = context.lanes.filter(({ provider }) => context.options.providers.get(provider)?.cost !== undefined);
  if (lanes.length === 0) return 0;
  const completed = await seekEach(context, spread(unbookedIn(context, lanes, 'completed', most)), { whileTold: true });
  return completed + (await seekEach(context, unbookedIn(context, lanes, 'failed', most), { whileTold: false }));
}

type Unbooked = readonly [AttemptRow, Lane];

/** @returns how many were told */
async function seekEach(
  context: RunContext,
  unbooked: readonly Unbooked[],
  { whileTold }: { readonly whileTold: boolean },
): Promise<number> {
  const isOver = () => context.freeWork.aborted || context.options.stop?.aborted;
  let sum = 0;
  for (let at = 0; at < unbooked.length && !isOver(); at += AT_ONCE) {
    const some = unbooked.slice(at, at + AT_ONCE);
    const told = await Promise.all(some.map(([attempt, lane]) => seek(context, attempt, lane)));
    sum += told.filter(Boolean).length;
    if (whileTold && !told.some(Boolean)) return sum;
  }
  return sum;
}

/** The first to be asked about are of every age: bills of the newest may be still to come, those of the oldest never. */
function spread(unbooked: readonly Unbooked[]): readonly Unbooked[] {
  const last = unbooked.length - 1;
  const first = new Set(Array.from({ length: AT_ONCE }, (_, index) => Math.round((index * last) / (AT_ONCE - 1))));
  return [...unbooked.filter((_, index) => first.has(index)), ...unbooked.filter((_, index) => !first.has(index))];
}

/** The newest first. What somebody has said of a bill stands. */
function unbookedIn(
  context: RunContext,
  lanes: readonly Lane[],
  state: 'completed' | 'failed',
  most: BillSearch,
): Unbooked[] {
  const rows = prepared<[number, number, string, string, number, number, number], { id: string; laneId: number }>(
    context.store,
    `SELECT a.id, a.lane_id AS laneId
       FROM (SELECT rowid AS place, id, job_id, lane_id, state, cost_source, billed_micros, prediction_id, ended_at
               FROM attempts ORDER BY rowid DESC LIMIT ?) a JOIN jobs j ON j.id = a.job_id
       WHERE j.batch_id = ? AND a.lane_id IN (SELECT value FROM json_each(?)) AND a.state = ?
         AND (a.cost_source = 'price' OR a.billed_micros IS NULL) AND a.prediction_id IS NOT NULL
         AND a.ended_at > iif(a.billed_micros = 0, ?, ?)
       ORDER BY a.place DESC LIMIT ?`,
  ).all(
    most.among,
    context.batchId,
    JSON.stringify(lanes.map(({ id }) => id)),
    state,
    context.clock.nowMs() - LOOK_BACK_MS.free,
    context.clock.nowMs() - LOOK_BACK_MS.inDoubt,
    most[state],
  );
  return rows.flatMap(({ id, laneId }) => {
    const lane = lanes.find((each) => each.id === laneId);
    return lane === undefined ? [] : [[attemptById(context, id), lane] as const];
  });
}

/** @returns whether the books tell */
async function seek(context: RunContext, attempt: AttemptRow, lane: Lane): Promise<boolean> {
  const { jobId, id: attemptId } = attempt;
  const key = keyForLook(context, lane, attempt.keyHash);
  const call = callContext(context, lane, { jobId, attemptId, key, signal: context.freeWork, timeoutMs: TIMEOUT_MS });
  const asked = providerOf(context, lane.provider).cost?.(
    routeOf(context, attempt.route),
    attempt.reference ?? {},
    call,
  );
  // An unknown figure is better than a late run.
  const booked = (await asked?.catch(() => null)) ?? null;
  if (booked === null) return false;
  record(context, attempt, booked);
  await recordBeside(context, { ...attempt, billedMicros: booked, costSource: 'provider' });
  return true;
}

function record(context: RunContext, attempt: AttemptRow, billedMicros: Micros): void {
  context.journal.transact(() => {
    context.journal.patchAttempt(attempt, { billedMicros, costSource: 'provider' });
    noteBill(context, attempt, jobOf(context, attempt), billedMicros);
  });
}

/** Beside its video too: a lost state is counted by that. */
async function recordBeside(context: RunContext, attempt: AttemptRow): Promise<void> {
  const { attemptId, output, key } = jobOf(context, attempt);
  if (attemptId !== attempt.id || output === null) return;
  await updateSidecarCost(output.path, attempt).catch((error: unknown) => {
    const { message: why } = failureOf('storage', error);
    context.journal.tell({ type: 'problem', key, message: `its bill could not be written beside its video: ${why}` });
  });
}
