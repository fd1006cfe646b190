import { type Snapshot, secretRemover } from '@localize/core';
import type { RunEvent, Store } from '@localize/runner';
import { openRunLog } from '../log/run-log.js';
import { noticeTargets } from '../notify/notice-targets.js';
import { createNotifier } from '../notify/notifier.js';
import type { LoadedBatch } from './load-batch.js';
import type { Session } from './session.js';

export interface WatchedRunOptions {
  readonly store: Store;
  readonly session: Session;
  readonly snapshot: () => Snapshot;
  readonly notifyCommand?: string | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
}

/**
 * Does `work` with the log open beside the state, and tells those who want to know of it. Neither ends a run that they
 * cannot follow: that is told as a problem.
 */
export async function watchedRun<T>(
  batch: LoadedBatch,
  { store, session, snapshot, notifyCommand, onEvent }: WatchedRunOptions,
  work: (onEvent: (event: RunEvent) => void) => Promise<T>,
): Promise<T> {
  const { plan, location, again } = batch;
  const { targets, secrets, problems } = await noticeTargets(batch, notifyCommand);
  const onProblem = (message: string) => tell({ atMs: Date.now(), type: 'problem', message });
  const log = openRunLog({
    folder: location.logDir,
    withoutSecrets: secretRemover([...session.secrets, ...secrets]),
    base: { batch: plan.batch, pid: process.pid },
    onFault: ({ message }) => onProblem(`no log is kept: ${message}`),
  });
  const notifier = createNotifier({ batch: plan.batch, again, store, targets, onProblem });
  const tell = (event: RunEvent) => {
    log.onEvent(event);
    onEvent?.(event);
  };
  for (const problem of problems) onProblem(problem);
  try {
    const done = await work((event) => {
      tell(event);
      notifier.onEvent(event);
    });
    await notifier.finish(snapshot);
    return done;
  } catch (error) {
    log.onError(error);
    await notifier.finish(null);
    throw error;
  } finally {
    await log.close();
  }
}
