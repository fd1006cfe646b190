import type { RunEvent } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { openRunLog, type RunLog } from './run-log.js';

/**
 * Does `act`, which changes a batch by hand, and writes what it tells into the log beside the state, from the first event
 * on: what changes nothing opens no file.
 * @param onFault told, once, that no log can be kept; that ends nothing
 */
export async function withActionLog<T>(
  { plan, location, secrets }: Pick<LoadedBatch, 'plan' | 'location' | 'secrets'>,
  onFault: (message: string) => void,
  act: (onEvent: (event: RunEvent) => void) => Promise<T>,
): Promise<T> {
  let log: RunLog | undefined;
  const open = () =>
    openRunLog({
      folder: location.logDir,
      withoutSecrets: secrets.removeFrom,
      base: { batch: plan.batch, pid: process.pid },
      onFault: ({ message }) => onFault(`no log is kept: ${message}`),
    });
  try {
    return await act((event) => {
      log ??= open();
      log.onEvent(event);
    });
  } catch (error) {
    log?.onError(error);
    throw error;
  } finally {
    await log?.close();
  }
}
