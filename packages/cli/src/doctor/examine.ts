import type { Plan } from '@localize/core';
import { bucketCredentials } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { settingsInUse } from '../batch/session.js';
import { readEnvironment } from '../keys/read-environment.js';
import { checkFolders } from './check-folders.js';
import { checkHost, checkKeys, type KeySource } from './check-keys.js';
import { checkReach, hostsOf } from './check-reach.js';
import { type Finding, fail, ok } from './finding.js';

/** All that a run of a batch would need, without running it. */
export async function examineBatch(
  batch: LoadedBatch,
  options: Omit<KeySource, 'manifestPath'> & { readonly signal: AbortSignal },
): Promise<Finding[]> {
  const { plan, manifest } = batch;
  const folders = checkFolders(batch);
  if (plan.emulate) return [...folders, ok('providers', 'the built-in emulator: no key and no network is needed')];
  const source = { ...options, manifestPath: manifest.absolute };
  const settings = settingsInUse(plan);
  // A host that may not have the key is named above, and is not called either.
  const allowed = settings.filter((provider) => checkHost(provider, options.allowHosts).level === 'ok');
  const bucket = plan.staging === null ? [] : [{ about: 'bucket network', url: plan.staging.endpoint }];
  return [
    ...folders,
    ...checkKeys(settings, source),
    ...checkBucketKeys(plan, source),
    ...(await checkReach([...hostsOf(allowed), ...bucket], options.signal)),
  ];
}

function checkBucketKeys({ staging }: Plan, { manifestPath, variables }: KeySource): Finding[] {
  if (staging === null) return [];
  try {
    bucketCredentials(readEnvironment(manifestPath, variables));
    return [ok('bucket key', `the credentials of ${staging.bucket} are set`)];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [fail('bucket key', why, 'set them in the environment or in .env beside the manifest')];
  }
}
