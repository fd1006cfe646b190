import { LocalizeError } from '@localize/core';
import {
  type ActionOptions,
  batchFolder,
  bootClock,
  isKnownBatch,
  openStore,
  PlanLook,
  refuseFormerNameAtWork,
  type Store,
  storeExists,
} from '@localize/runner';
import { type KnownJob, knownJobs } from '../batch/known-jobs.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { once } from '../batch/once.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { withActionLog } from '../log/action-log.js';
import { openBatch } from './open-batch.js';
import { whileUnheld } from './while-unheld.js';

/** What a command needs that changes a batch by hand. */
export interface Actions {
  readonly batch: LoadedBatch;
  readonly store: Store;
  /** The batch's jobs with their states, as they are before anything is changed. */
  readonly jobs: () => readonly KnownJob[];
  readonly options: ActionOptions;
}

/** Says what ends no command. */
export function warner({ err }: Pick<CommandContext, 'err'>): (message: string) => void {
  return (message) => err.write(`warning: ${message}\n`);
}

/**
 * Opens the state of a batch that has run before, and closes it after `act`, which is written into the log.
 * @throws LocalizeError JOB_UNKNOWN when there is no state; BATCH_LOCKED when a run is at work on it under another name
 */
export async function withActions<T>(
  context: CommandContext,
  manifest: string | undefined,
  shared: SharedOptions & { readonly sameBatch?: boolean },
  act: (actions: Actions) => Promise<T>,
): Promise<T> {
  const batch = await openBatch(context, manifest, { ...shared, keepGoing: true, knownPlans: true });
  const { location } = batch;
  if (!storeExists(location.path)) {
    throw new LocalizeError('JOB_UNKNOWN', `${batch.plan.batch} has never run, so there is nothing to change`, {
      hint: `run it first: localize ${batch.again}`,
    });
  }
  const store = openStore(location.path);
  try {
    const from = {
      manifestPath: batch.manifest.absolute,
      folder: batchFolder(batch.plan),
      sameBatch: shared.sameBatch ?? false,
    };
    const clock = bootClock(store);
    const jobs = once(() => knownJobs(store, { batch, cwd: context.cwd, nowMs: clock.nowMs() }));
    const withoutSecrets = batch.secrets.removeFrom;
    const carryOut = () =>
      withActionLog(batch, warner(context), (onEvent) => {
        const options = { store, batch: batch.plan.batch, clock, host: context.host, from, withoutSecrets, onEvent };
        return act({ batch, store, jobs, options });
      });
    return await whileUnheld(batch.again, async () => {
      if (!isKnownBatch(store, batch.plan.batch)) await refuseFormerName(store, batch);
      return carryOut();
    });
  } finally {
    store.close();
  }
}

/** A batch that the state does not know may be one that is at work under the name that its manifest had before. */
function refuseFormerName(store: Store, { plan, manifest }: LoadedBatch): Promise<void> {
  const asking = { plan, manifestPath: manifest.absolute };
  return refuseFormerNameAtWork(store, asking, new PlanLook(store, plan));
}
