import type { StatusResult } from '@localize/core';
import { and, eq } from 'drizzle-orm';
import { callContext, isSelected, providerOf, type RunContext, routeOf } from '../run-context.js';
import { attempts, jobs, lanes } from '../store/schema/schema.js';
import type { AttemptRow, JobRow } from '../store/store.js';
import { type Lane, lanesByProvider, type OpenKey } from './lane.js';
import { usableKeys } from './lane-keys.js';

/** Predictions of one lane that are asked for before its jobs are held: one of them may be gone. */
const MOST_ASKED = 3;
const LOOK_TIMEOUT_MS = 30_000;

interface Bought {
  readonly job: JobRow;
  readonly attempt: AttemptRow;
}

/**
 * Takes care of jobs whose prediction was bought with a key that this run has not. Where the provider answers another of
 * its keys about one of them, as after a rotated secret, that key follows them: asking is free, and only an answer proves
 * that it may. Of an account without a name nobody knows that the two are one, so its limits stay its own. The others are
 * held: they would seem to be under way for ever.
 */
export async function followKeyless(context: RunContext): Promise<void> {
  const keyless = keylessJobs(context);
  for (const laneId of new Set(keyless.map(({ attempt }) => attempt.laneId))) {
    const bought = keyless.filter(({ attempt }) => attempt.laneId === laneId);
    const lane = await borrow(context, laneId, bought);
    if (lane === null) hold(context, bought);
    else context.borrowed.push(lane);
  }
}

function keylessJobs(context: RunContext): Bought[] {
  const open = new Set(context.lanes.map(({ id }) => id));
  return context.store.db
    .select({ job: jobs, attempt: attempts })
    .from(jobs)
    .innerJoin(attempts, eq(jobs.attemptId, attempts.id))
    .where(and(eq(jobs.batchId, context.batchId), eq(jobs.state, 'processing'), eq(attempts.state, 'accepted')))
    .all()
    .filter(({ job, attempt }) => !open.has(attempt.laneId) && isSelected(context, job.key));
}

/** The lane with the key that the provider answers about what it bought. */
async function borrow(context: RunContext, laneId: number, bought: readonly Bought[]): Promise<Lane | null> {
  const row = context.store.db.select().from(lanes).where(eq(lanes.id, laneId)).get();
  const others = lanesByProvider(context.lanes).get(row?.provider ?? '') ?? [];
  for (const lane of others.filter(({ host }) => host === row?.host)) {
    for (const key of usableKeys(context.store, lane)) {
      if (!(await isAnswered(context, lane, key, bought))) continue;
      const display = row?.display ?? '';
      const message = `what a former key of ${display} bought is followed with ${key.variable}: ${lane.provider} answers it about that`;
      context.journal.tell({ type: 'problem', message });
      return { ...lane, id: laneId, display, keys: [key], looksOnly: true };
    }
  }
  return null;
}

async function isAnswered(context: RunContext, lane: Lane, key: OpenKey, bought: readonly Bought[]): Promise<boolean> {
  for (const { attempt } of bought.slice(0, MOST_ASKED)) {
    const { jobId, id: attemptId } = attempt;
    const signal = context.freeWork;
    const call = callContext(context, lane, { jobId, attemptId, key, signal, timeoutMs: LOOK_TIMEOUT_MS });
    const answer = await providerOf(context, lane.provider)
      .status(routeOf(context, attempt.route), attempt.reference ?? {}, call)
      .catch((): StatusResult | null => null);
    if (answer?.state === 'pending' || answer?.state === 'completed') return true;
  }
  return false;
}

function hold(context: RunContext, bought: readonly Bought[]): void {
  for (const { job, attempt } of bought) {
    const own = lanesByProvider(context.lanes).get(attempt.provider) ?? [];
    const others = own.map(({ display }) => display).join(', ');
    const asked = others === '' ? '' : `, and answers nothing about it to ${others}`;
    // The same variable with another secret since.
    const isRotated = own.some(({ display }) => display === attempt.laneDisplay);
    const former = `${isRotated ? 'a former key of ' : ''}${attempt.laneDisplay}`;
    const message = `${attempt.provider} was asked with ${former}${asked}`;
    context.journal.moveJob(job, 'hold', { holdReason: 'key-missing', failure: { kind: 'auth', message } });
  }
}
