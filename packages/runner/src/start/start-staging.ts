import type { ProviderId } from '@localize/core';
import { admit } from '../lanes/admission.js';
import { type Lane, lanesByProvider } from '../lanes/lane.js';
import type { RunContext, StagedJob } from '../run-context.js';
import { claimForStaging, stage } from '../step/stage.js';
import type { Tasks } from '../tasks.js';

/** Jobs of a provider that are being staged at once, those that wait for a long upload left out. */
const AT_ONCE = 6;
/** Staged jobs that wait for a slot, for each lane, beyond those that a lane could take at once. */
const STAGED_AHEAD = 4;
const MOST_STAGED = 64;
/** Staging that takes longer than this steps aside for the jobs behind it. */
const LONG_MS = 250;
/** Jobs that may wait for long uploads while a slot is free, and while none is. */
const MOST_ASIDE = { free: 128, full: 6 };
const NONE: ReadonlySet<number> = new Set();

/**
 * Keeps each provider's next jobs staged, so that a slot that frees is used at once. A job whose upload takes long does
 * not hold up those behind it: they are staged meanwhile, and take the slots that it is not ready for.
 */
export function startStaging(context: RunContext, tasks: Tasks): void {
  for (const [provider, lanes] of lanesByProvider(context.lanes)) stageNext(context, tasks, provider, lanes);
}

function stageNext(context: RunContext, tasks: Tasks, provider: string, lanes: readonly Lane[]): void {
  const queue = context.staged.get(provider) ?? [];
  context.staged.set(provider, queue);
  const kind = stagingOf(provider);
  // What waits for a price leaves the lane to the jobs of other routes.
  const awaiting = queue.length === 0 ? NONE : (context.spending.purses?.awaitingPrice(provider) ?? NONE);
  const ready = queue.filter(({ jobId }) => !awaiting.has(jobId)).length;
  if (ready >= MOST_STAGED || tasks.count(kind) >= AT_ONCE || context.twins.isFull(provider)) return;
  const now = context.clock.nowMs();
  const looks = lanes.map((lane) => ({ lane, look: admit(context.store, { lane, batchId: context.batchId }, now) }));
  const free = looks.filter(({ look }) => look.admitted).length;
  const lane = looks.find(({ look }) => look.admitted || look.why !== 'closed')?.lane;
  if (lane === undefined || tasks.countAside(kind) >= (free > 0 ? MOST_ASIDE.free : MOST_ASIDE.full)) return;
  const wanted = Math.min(MOST_STAGED, lanes.length * STAGED_AHEAD + free * AT_ONCE);
  const room = Math.min(wanted - ready, AT_ONCE) - tasks.count(kind);
  if (room <= 0) return;
  for (const job of claimForStaging(context, provider, room)) {
    tasks.start(kind, job.id, async (stepAside) => {
      const callOff = context.clock.after(LONG_MS, stepAside);
      const staged = await stage(context, job, lane).finally(callOff);
      if (staged) insertInOrder(queue, staged);
    });
  }
}

/** The kind of the tasks that stage a provider's jobs. */
export function stagingOf(provider: ProviderId): string {
  return `stage-${provider}`;
}

/** Keeps manifest order, whichever upload ends first. */
function insertInOrder(queue: StagedJob[], staged: StagedJob): void {
  const at = queue.findIndex((each) => each.position > staged.position);
  queue.splice(at === -1 ? queue.length : at, 0, staged);
}
