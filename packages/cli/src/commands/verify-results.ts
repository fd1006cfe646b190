import { LocalizeError } from '@localize/core';
import {
  createBucketDelivery,
  type EditedOutputs,
  editedAsVerified,
  openStore,
  StagingError,
  type Store,
  storeExists,
  type VanishedDelivery,
  type VerifiedOutput,
  verifyDeliveries,
  verifyOutputs,
} from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { readBucketCredentials } from '../batch/session.js';
import { displayPath } from '../output/display-path.js';

/** What looking at the finished outputs of a batch has shown. Paths are as the user would type them. */
export interface VerifiedResults {
  readonly outputs: readonly VerifiedOutput[];
  /** `null`: they go nowhere besides the disk. */
  readonly deliveries: VerifiedDeliveries | null;
  /** In whose place another file lies now, or nothing. */
  readonly edited: EditedOutputs | null;
}

interface VerifiedDeliveries {
  readonly vanished: readonly VanishedDelivery[];
  /** Why nobody could look; `null`: somebody did. */
  readonly unseen: string | null;
}

interface Looked {
  readonly only: (key: string) => boolean;
  /** As a look at the files has shown it. */
  readonly edited: EditedOutputs | null;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** Hashes the finished outputs of a batch, and looks for those that were delivered; nothing when it never ran. */
export async function verifyResults(
  batch: LoadedBatch,
  { only, edited, cwd, signal }: Looked,
): Promise<VerifiedResults> {
  const { plan, location } = batch;
  const delivers = plan.delivery && !plan.emulate;
  if (!storeExists(location.path)) return { outputs: [], deliveries: null, edited };
  const store = openStore(location.path, { readonly: true });
  try {
    const verified = await verifyOutputs(store, plan.batch, only);
    const outputs = verified.map((output) => ({ ...output, path: displayPath(output.path, cwd) }));
    return {
      outputs,
      deliveries: delivers ? await lookAtDeliveries(store, batch, only, signal) : null,
      edited: edited && editedAsVerified(store, plan.batch, edited, verified),
    };
  } finally {
    store.close();
  }
}

async function lookAtDeliveries(
  store: Store,
  { plan, secrets }: LoadedBatch,
  only: (key: string) => boolean,
  signal: AbortSignal,
): Promise<VerifiedDeliveries | null> {
  if (!plan.delivery) return null;
  try {
    const delivery = createBucketDelivery(plan.delivery, await readBucketCredentials(secrets));
    const vanished = await verifyDeliveries(store, plan.batch, { delivery, only, signal });
    return { vanished: vanished ?? [], unseen: vanished === null ? 'the credentials may not look' : null };
  } catch (error) {
    if (!(error instanceof StagingError || error instanceof LocalizeError)) throw error;
    return { vanished: [], unseen: error.message };
  }
}

/** Whether everything that could be looked at is as it was made. */
export function areIntact({ outputs, deliveries }: VerifiedResults): boolean {
  return outputs.every(({ found }) => found === 'same') && (deliveries?.vanished.length ?? 0) === 0;
}

const FOUND = {
  same: 'is what was downloaded',
  changed: 'is not what was downloaded',
  missing: 'is gone',
  unreadable: 'cannot be read, so whether it is what was downloaded is not known',
} as const;

/** One line for each output that is not what was downloaded or not where it was delivered, and how many are. */
export function verifyText({ outputs, deliveries }: VerifiedResults): string {
  const bad = outputs.filter(({ found }) => found !== 'same');
  return [
    ...bad.map(({ path, found }) => `${path} ${FOUND[found]}`),
    ...(deliveries?.vanished ?? []).map(
      ({ name }) => `${name} is not in the bucket any more; the next run delivers it again`,
    ),
    ...(deliveries?.unseen ? [`whether all outputs are still in the bucket is not known: ${deliveries.unseen}`] : []),
    `${outputs.length - bad.length} of ${outputs.length} outputs are what was downloaded`,
    '',
  ].join('\n');
}
