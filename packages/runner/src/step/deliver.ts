import { basename } from 'node:path';
import { contentTypeOf } from '../content/content-type.js';
import { sha256File } from '../content/hash-file.js';
import { lookAt } from '../content/regular-file.js';
import { sidecarPath } from '../content/sidecar.js';
import { failureOf, isSelected, type RunContext } from '../run-context.js';
import type { Delivery, StagedFile } from '../run-options.js';
import { StagingError } from '../staging/staging-error.js';
import {
  type DeliveredJob,
  deliveredJobs,
  deliveredSha256,
  forgetDelivery,
  recordDelivery,
  recordDeliveryFailure,
  undeliveredJobs,
} from '../store/deliveries.js';
import { findRow } from '../store/rows.js';
import { jobs } from '../store/schema/schema.js';
import type { BatchRow, Store } from '../store/store.js';
import { tellProgress } from './upload-progress.js';

/** Puts the outputs that earlier runs finished and did not deliver into the queue. */
export function queueUndelivered(context: RunContext): void {
  if (!context.options.delivery) return;
  const waiting = undeliveredJobs(context.store, context.batchId).filter(({ key }) => isSelected(context, key));
  for (const { id } of waiting) context.delivering.waiting.push(id);
}

/**
 * Looks whether what earlier runs delivered is still there, and puts what is not into the queue.
 */
export async function requeueVanished(context: RunContext, delivery: Delivery): Promise<void> {
  const { store, batchId, plan, freeWork, delivering } = context;
  const { destination } = delivery;
  try {
    const vanished = await vanishedDeliveries(store, { id: batchId, name: plan.batch }, delivery, freeWork);
    if (vanished === null) tellUnseen(context, 'the credentials may not look');
    for (const { id, key } of vanished ?? []) {
      if (!isSelected(context, key)) continue;
      forgetDelivery(store, id, destination);
      delivering.waiting.push(id);
    }
  } catch (error) {
    if (freeWork.aborted) return;
    tellUnseen(context, failureOf('storage', error).message);
  }
}

function tellUnseen({ journal }: RunContext, why: string): void {
  journal.tell({
    type: 'problem',
    message: `whether all outputs are still where they were delivered is not known: ${why}`,
  });
}

/**
 * Outputs that were delivered and are not there any more, or not whole.
 * @returns `null` where nobody may look
 * @throws StagingError
 */
export async function vanishedDeliveries(
  store: Store,
  batch: Pick<BatchRow, 'id' | 'name'>,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<DeliveredJob[] | null> {
  const delivered = deliveredJobs(store, batch.id, delivery.destination);
  if (delivered.length === 0) return [];
  const filesOf = ({ output, bytes }: DeliveredJob) => {
    const name = deliveryName(batch.name, output);
    return [
      { name, bytes },
      { name: sidecarPath(name), bytes: null },
    ];
  };
  const missing = await delivery.missing({ folder: batch.name, files: delivered.flatMap(filesOf) }, signal);
  return missing && delivered.filter((job) => filesOf(job).some(({ name }) => missing.has(name)));
}

/** Under which name an output is delivered. */
export function deliveryName(batch: string, output: string): string {
  return `${batch}/${output}`;
}

/**
 * Brings a finished output and its sidecar to the destination, once for each content. What goes wrong is said and written
 * down, and the next run tries again; the output itself is finished whatever happens here.
 */
export async function deliver(context: RunContext, jobId: number, delivery: Delivery): Promise<void> {
  const job = findRow(context.store, jobs, 'WHERE id = ?', jobId);
  if (job?.state !== 'succeeded' || job.output === null) return;
  const { destination } = delivery;
  const { sha256 } = job.output;
  if (deliveredSha256(context.store, jobId, destination) === sha256) return;
  const name = deliveryName(context.plan.batch, job.planned.output);
  try {
    // The sidecar last: where it is, its video is.
    await send(context, delivery, { path: job.output.path, name, sha256 });
    const sidecar = sidecarPath(job.output.path);
    await send(context, delivery, { path: sidecar, name: sidecarPath(name), sha256: await sha256File(sidecar) });
    recordDelivery(context.store, { jobId, destination, sha256, deliveredAt: context.clock.nowMs() });
    context.journal.tell({ type: 'delivery:done', key: job.key, destination });
  } catch (error) {
    if (context.freeWork.aborted) return;
    const { message } = failureOf('storage', error);
    recordDeliveryFailure(context.store, { jobId, destination, failure: message });
    context.journal.tell({ type: 'delivery:failed', key: job.key, destination, message });
    context.delivering.refused ||= error instanceof StagingError && error.lasting;
  }
}

async function send(
  context: RunContext,
  delivery: Delivery,
  { path, name, sha256 }: { path: string; name: string; sha256: string },
): Promise<void> {
  const found = lookAt(path);
  if (found.kind !== 'file') throw new Error(found.kind === 'nothing' ? `${path} is not there` : found.words);
  const { size: bytes } = found.facts;
  const about = { file: basename(path), destination: delivery.destination };
  const { onProgress, end } = tellProgress(context, { ...about, totalBytes: bytes });
  const contentType = contentTypeOf(path);
  const file: StagedFile = { path, contentId: `sha256:${sha256}`, name, contentType, bytes, onProgress };
  try {
    await delivery.deliver(file, context.freeWork);
    context.journal.tell({ type: 'upload:done', ...about, bytes });
  } catch (error) {
    const { message } = failureOf('storage', error);
    if (end() && !context.freeWork.aborted) context.journal.tell({ type: 'upload:failed', ...about, message });
    throw error;
  } finally {
    end();
  }
}
