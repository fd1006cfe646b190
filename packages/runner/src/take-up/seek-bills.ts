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
/** Of a batch that is much larger, each further run asks for what is left. */
const MOST = { completed: 200, failed: 32 } as const;
const TIMEOUT_MS = 5_000;
/** Books are not asked about what is older; those of most failures stay empty. */
const LOOK_BACK_MS = { completed: 30 * 24 * 3_600_000, failed: 24 * 3_600_000 } as const;

/**
 * Asks providers with books of their own once more for what they had not booked yet when a result or a failure came: until
 * then the price list, or the rule for failures, says what it cost. Where they say nothing of any of some results, they are
 * not asked about the others; of most failures they never say anything. Free.
 */
export async function seekBills(context: RunContext): Promise<void> {
  const lanes = context.lanes.filter(({ provider }) => context.options.providers.get(provider)?.cost !== undefined);
  if (lanes.length === 0) return;
  if (await seekEach(context, unbookedIn(context, lanes, 'completed'), { whileTold: true })) {
    await seekEach(context, unbookedIn(context, lanes, 'failed'), { whileTold: false });
  }
}

type Unbooked = readonly [AttemptRow, Lane];

/** @returns whether there was nothing to be told in vain */
async function seekEach(
  context: RunContext,
  unbooked: readonly Unbooked[],
  { whileTold }: { readonly whileTold: boolean },
): Promise<boolean> {
  const isOver = () => context.freeWork.aborted || context.options.stop?.aborted;
  for (let at = 0; at < unbooked.length && !isOver(); at += AT_ONCE) {
    const some = unbooked.slice(at, at + AT_ONCE);
    const told = await Promise.all(some.map(([attempt, lane]) => seek(context, attempt, lane)));
    if (whileTold && !told.some(Boolean)) return false;
  }
  return !isOver();
}

/** The newest first: their bills may just have come. What somebody has said of a bill stands. */
function unbookedIn(context: RunContext, lanes: readonly Lane[], state: 'completed' | 'failed'): Unbooked[] {
  const rows = prepared<[number, string, string, number], { id: string; laneId: number }>(
    context.store,
    `SELECT a.id, a.lane_id AS laneId FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE j.batch_id = ? AND a.lane_id IN (SELECT value FROM json_each(?)) AND a.state = ?
         AND (a.cost_source = 'price' OR a.billed_micros IS NULL) AND a.prediction_id IS NOT NULL AND a.ended_at > ?
       ORDER BY a.rowid DESC LIMIT ${MOST[state]}`,
  ).all(context.batchId, JSON.stringify(lanes.map(({ id }) => id)), state, context.clock.nowMs() - LOOK_BACK_MS[state]);
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
