import { withLimitsSet } from '../batch/limits-set.js';
import type { LoadedBatch } from '../batch/load-batch.js';
import { settingsInUse } from '../batch/session.js';
import { bucketsOf, lookAtBucket } from './check-bucket.js';
import { checkFolders } from './check-folders.js';
import { checkHost, checkKey, checkKeys } from './check-keys.js';
import { checkNotify } from './check-notify.js';
import { checkReach, hostsOf } from './check-reach.js';
import { checkSettings } from './check-settings.js';
import { type Finding, ok } from './finding.js';

/** All that a run of a batch would need, without running it. */
export async function examineBatch(batch: LoadedBatch, signal: AbortSignal): Promise<Finding[]> {
  const { plan, secrets, allowHosts } = batch;
  const folders = checkFolders(batch);
  if (plan.emulate) return [...folders, ok('providers', 'the built-in emulator: no key and no network is needed')];
  const settings = settingsInUse(withLimitsSet(plan, batch.location.path));
  // A host that may not have the key is named, and is not called either.
  const allowed = settings.filter((provider) => checkHost(provider, allowHosts, batch.ownConfig).level === 'ok');
  const buckets = bucketsOf(plan);
  const bucketHosts = buckets.map(({ settings: { endpoint } }) => ({ about: 'bucket network', url: endpoint }));
  return [
    ...folders,
    ...checkSettings(settings, batch.ownConfig),
    ...(await checkNotify(batch)),
    ...(await checkReach([...hostsOf(allowed), ...bucketHosts], signal)),
    ...(await checkKeys(settings, batch, signal)),
    ...(buckets.length === 0 ? [] : [checkKey('bucket key', 'AWS_ACCESS_KEY_ID', secrets)]),
    ...(await Promise.all(buckets.map((bucket) => lookAtBucket(bucket, secrets, signal)))).flat(),
  ];
}
