import type { RunContext } from '../run-context.js';
import { prepared } from '../store/prepared.js';
import { takeUpTwins } from './take-up-twins.js';

/**
 * Takes up, for jobs that wait, what an earlier run has bought for the job whose result they were to take: it may be made on
 * a route on which nobody would look for it, since it is not the one that they would go to first.
 */
export async function takeUpServed(context: RunContext): Promise<void> {
  const { store, batchId, options } = context;
  const waiting = prepared<[{ batchId: number; key: string; source: string }], { id: number }>(
    store,
    `SELECT j.id FROM jobs j, jobs s
       WHERE j.batch_id = @batchId AND j.key = @key AND s.batch_id = @batchId AND s.key = @source
         AND j.state = 'pending' AND s.state <> 'pending' AND j.id IN (SELECT job_id FROM temp.selected)`,
  );
  const ids = [...(options.served ?? [])].flatMap(([key, source]) => waiting.get({ batchId, key, source })?.id ?? []);
  if (ids.length > 0) await takeUpTwins(context, ids);
}
