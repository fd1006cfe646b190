import { join } from 'node:path';
import {
  jobFacts,
  type Plan,
  type ProviderId,
  type ProviderSettings,
  providerSettings,
  type Secret,
  usedProviders,
} from '@localize/core';
import { catalogue } from '@localize/providers';
import {
  BUCKET_VARIABLES,
  type BucketCredentials,
  bucketCredentials,
  createBucketDelivery,
  createBucketStaging,
  type Delivery,
  type LaneKey,
  refuseHeldBatch,
  type Staging,
  unsettledProviders,
} from '@localize/runner';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys, emulatedKeys } from '../keys/collect-keys.js';
import type { Secrets } from '../keys/secrets.js';
import { emulatedHost } from './lane-host.js';
import type { LoadedBatch } from './load-batch.js';

/** Whom a run talks to: the real providers with the user's keys, or the emulator. */
export interface Session {
  /** The plan with the hosts to call. */
  readonly plan: Plan;
  readonly keys: readonly LaneKey[];
  readonly staging: Staging | null;
  /** Where outputs go besides the disk; nowhere where they are emulated. */
  readonly delivery: Delivery | null;
  readonly laneHost: (() => string) | null;
  /** Every secret of this run, so that none is ever written. */
  readonly secrets: readonly Secret[];
  close(): Promise<void>;
}

/**
 * Opens what the plan needs. Keys and hosts are checked before anything is written or sent.
 * @throws LocalizeError KEY_MISSING, KEY_UNREADABLE, KEY_DUPLICATE, HOST_NOT_ALLOWED, BUCKET_KEY_MISSING
 */
export async function openSession(batch: LoadedBatch): Promise<Session> {
  const { plan, location, secrets, showPlaces } = batch;
  const settings = settingsInUse(plan);
  if (plan.emulate) {
    // Who holds the batch is told before its emulator is found busy.
    refuseHeldBatch(location.path, plan.batch);
    return openEmulated(batch, settings);
  }
  const former = formerSettings(plan, unsettledProviders(location.path, plan.batch));
  checkHosts([...settings, ...former], catalogue.providers, batch.allowHosts, showPlaces);
  const keys = await collectKeys(settings, secrets, showPlaces);
  const formerKeys = await collectKeys(former.filter(hasKeysIn(secrets)), secrets, showPlaces);
  const providers = { ...plan.providers, ...Object.fromEntries(former.map((each) => [each.id, each])) };
  const bucket = needsStaging(plan) || plan.delivery ? await readBucketCredentials(secrets) : null;
  const all = [...keys, ...formerKeys];
  return {
    plan: { ...plan, providers },
    keys: all,
    delivery: plan.delivery && bucket ? createBucketDelivery(plan.delivery, bucket) : null,
    staging: plan.staging && needsStaging(plan) && bucket ? createBucketStaging(plan.staging, bucket) : null,
    laneHost: null,
    secrets: [...all.map(({ key }) => key), ...secretsOf(bucket)],
    close: async () => undefined,
  };
}

/** Settings of the providers that some job may be sent to; the others need no key. */
export function settingsInUse(plan: Plan): ProviderSettings[] {
  return usedProviders(plan).flatMap((id) => plan.providers[id] ?? []);
}

/** Settings of providers that the plan sends nothing to any more while something of the batch is still open there. */
function formerSettings(plan: Plan, unsettled: readonly ProviderId[]): ProviderSettings[] {
  const used = new Set(usedProviders(plan));
  const former = catalogue.providers.filter(({ id }) => unsettled.includes(id) && !used.has(id));
  return former.map((facts) => plan.providers[facts.id] ?? providerSettings(facts));
}

/** Former providers are asked with what keys there still are; the runner says which jobs wait for a key. */
function hasKeysIn(secrets: Secrets): (settings: ProviderSettings) => boolean {
  return ({ keys }) => keys.every(({ variable }) => secrets.origin(variable) !== null);
}

/** A batch whose media all lies behind URLs needs no bucket and no credentials for one. */
function needsStaging({ staging, jobs }: Plan): boolean {
  return staging !== null && jobFacts(jobs).hasLocalMedia;
}

function secretsOf(bucket: BucketCredentials | null): Secret[] {
  return [bucket?.accessKeyId, bucket?.secretAccessKey, bucket?.sessionToken].flatMap((each) => each ?? []);
}

/** @throws LocalizeError BUCKET_KEY_MISSING, KEY_UNREADABLE */
export async function readBucketCredentials(secrets: Secrets): Promise<BucketCredentials> {
  const found: Record<string, string | undefined> = {};
  for (const name of BUCKET_VARIABLES) found[name] = await secrets.read(name);
  return bucketCredentials(found);
}

/** Each batch has its emulator in a folder of its own. */
async function openEmulated(
  { plan, location, emulatedSpeed }: LoadedBatch,
  settings: ProviderSettings[],
): Promise<Session> {
  const { startEmulation } = await import('./emulation.js');
  const emulation = await startEmulation(plan, join(location.emulatorDir, plan.batch), emulatedSpeed);
  return {
    plan: emulation.plan,
    keys: emulatedKeys(settings),
    staging: emulation.staging,
    delivery: null,
    laneHost: () => emulatedHost(plan.batch),
    secrets: [],
    close: () => emulation.emulator.close(),
  };
}
