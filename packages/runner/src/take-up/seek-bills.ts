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
const MOST = 200;
const TIMEOUT_MS = 5_000;
/** Books are not asked about what is older. */
const LOOK_BACK_MS = 30 * 24 * 3_600_000;

/**
 * Asks providers with books of their own once more for what they had not booked yet when a result came: until then the
 * price list says what it cost. Where they say nothing of any of some, they are not asked about the others. Free.
 */
export async function seekBills(context: RunContext): Promise<void> {
  const unbooked = unbookedIn(context);
  for (let at = 0; at < unbooked.length && !context.freeWork.aborted && !context.options.stop?.aborted; at += AT_ONCE) {
    const some = unbooked.slice(at, at + AT_ONCE);
    const told = await Promise.all(some.map(([attempt, lane]) => seek(context, attempt, lane)));
    if (!told.some(Boolean)) return;
  }
}

/** The newest first: their bills may just have come. */
function unbookedIn(context: RunContext): [AttemptRow, Lane][] {
  const lanes = context.lanes.filter(({ provider }) => context.options.providers.get(provider)?.cost !== undefined);
  if (lanes.length === 0) return [];
  const rows = prepared<[number, string, number], { id: string; laneId: number }>(
    context.store,
    `SELECT a.id, a.lane_id AS laneId FROM attempts a JOIN jobs j ON j.id = a.job_id
       WHERE j.batch_id = ? AND a.lane_id IN (SELECT value FROM json_each(?)) AND a.state = 'completed'
         AND a.cost_source = 'price' AND a.prediction_id IS NOT NULL AND a.ended_at > ?
       ORDER BY a.rowid DESC LIMIT ${MOST}`,
  ).all(context.batchId, JSON.stringify(lanes.map(({ id }) => id)), context.clock.nowMs() - LOOK_BACK_MS);
  return rows.flatMap(({ id, laneId }) => {
    const lane = lanes.find((each) => each.id === laneId);
    return lane === undefined ? [] : [[attemptById(context, id), lane] as [AttemptRow, Lane]];
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
