import { LocalizeError, type Plan } from '@localize/core';
import { withLimitsSet } from '../batch/limits-set.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { settingsInUse } from '../batch/session.js';
import { bucketsOf, lookAtBuckets, type NamedBucket } from './check-bucket.js';
import { checkFolders } from './check-folders.js';
import { checkHost, checkKeys } from './check-keys.js';
import { checkNotify } from './check-notify.js';
import { checkReach, hostsOf } from './check-reach.js';
import { checkSettings } from './check-settings.js';
import { type Finding, ok } from './finding.js';

/** All that a run of a batch would need, without running it. Shows no secret, whatever a server says. */
export async function examineBatch(batch: LoadedBatch, signal: AbortSignal): Promise<Finding[]> {
  const findings = await lookAtAll(batch, signal);
  const { removeFrom } = batch.secrets;
  return findings.map((each) => ({ ...each, found: removeFrom(each.found), mend: each.mend && removeFrom(each.mend) }));
}

async function lookAtAll(batch: LoadedBatch, signal: AbortSignal): Promise<Finding[]> {
  const { plan, secrets, allowHosts } = batch;
  const folders = checkFolders(batch);
  if (plan.emulate) return [...folders, ok('providers', 'the built-in emulator: no key and no network is needed')];
  const settings = settingsInUse(withKnownLimits(batch));
  // A host that may not have the key is named, and is not called either.
  const allowed = settings.filter((provider) => checkHost(provider, allowHosts, batch.ownConfig).level === 'ok');
  const buckets = bucketsOf(plan);
  const bucketHosts = buckets.map(({ field, settings: { endpoint } }) => ({
    about: 'bucket network',
    url: endpoint,
    field: `${field}.endpoint`,
  }));
  const notify = await checkNotify(batch);
  const reach = await checkReach([...hostsOf(allowed), ...bucketHosts], signal);
  // That nobody answers has been said, with what mends it.
  const answers = ({ settings: { endpoint } }: NamedBucket) => !reach.unreached.has(endpoint);
  return [
    ...folders,
    ...checkSettings(settings, batch.ownConfig),
    ...notify,
    ...reach.findings,
    ...(await checkKeys(settings, batch, signal)),
    ...(await lookAtBuckets(buckets, { answers, secrets, signal })),
  ];
}

/** A state that cannot be read has its own line, and all else is worth a look without it. */
function withKnownLimits({ plan, location }: LoadedBatch): Plan {
  try {
    return withLimitsSet(plan, location.path);
  } catch (error) {
    if (error instanceof LocalizeError) return plan;
    throw error;
  }
}
