import { join } from 'node:path';
import { type Plan, type PlannedJob, type ProviderSettings, usedProviders, voiceSources } from '@localize/core';
import { catalogue } from '@localize/providers';
import { bucketCredentials, createBucketStaging, type LaneKey, refuseHeldBatch, type Staging } from '@localize/runner';
import { checkHosts } from '../keys/check-hosts.js';
import { collectKeys, emulatedKeys } from '../keys/collect-keys.js';
import { readEnvironment, type Variables } from '../keys/read-environment.js';

/** Whom a run talks to: the real providers with the user's keys, or the emulator. */
export interface Session {
  /** The plan with the hosts to call. */
  readonly plan: Plan;
  readonly keys: readonly LaneKey[];
  readonly staging: Staging | null;
  readonly laneHost: (() => string) | null;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly manifestPath: string;
  readonly variables: Variables;
  readonly allowHosts: readonly string[];
  /** Each batch has its emulator in a folder of its own below this one. */
  readonly emulatorDir: string;
  /** The state's path: who holds the batch is told before its emulator is found busy. */
  readonly statePath: string;
}

/**
 * Opens what the plan needs. Keys and hosts are checked before anything is written or sent.
 * @throws LocalizeError KEY_MISSING, KEY_DUPLICATE, HOST_NOT_ALLOWED, BUCKET_KEY_MISSING
 */
export async function openSession(plan: Plan, options: SessionOptions): Promise<Session> {
  const settings = settingsInUse(plan);
  if (plan.emulate) {
    refuseHeldBatch(options.statePath, plan.batch);
    return openEmulated(plan, settings, options.emulatorDir);
  }
  checkHosts(settings, catalogue.providers, options.allowHosts);
  const variables = readEnvironment(options.manifestPath, options.variables);
  const keys = collectKeys(settings, variables);
  return { plan, keys, staging: openStaging(plan, variables), laneHost: null, close: async () => undefined };
}

/** Settings of the providers that some job may be sent to; the others need no key. */
export function settingsInUse(plan: Plan): ProviderSettings[] {
  return usedProviders(plan).flatMap((id) => plan.providers[id] ?? []);
}

/** A batch whose media all lies behind URLs needs no bucket and no credentials for one. */
function openStaging(plan: Plan, variables: Variables): Staging | null {
  if (plan.staging === null || !plan.jobs.some(hasLocalMedia)) return null;
  return createBucketStaging(plan.staging, bucketCredentials(variables));
}

function hasLocalMedia({ video, voices, mask }: PlannedJob): boolean {
  return [video, mask, ...voiceSources(voices)].some((source) => source?.kind === 'file');
}

async function openEmulated(plan: Plan, settings: ProviderSettings[], dir: string): Promise<Session> {
  const { emulatedHost, startEmulation } = await import('./emulation.js');
  const emulation = await startEmulation(plan, join(dir, plan.batch));
  return {
    plan: emulation.plan,
    keys: emulatedKeys(settings),
    staging: emulation.staging,
    laneHost: () => emulatedHost(plan.batch),
    close: () => emulation.emulator.close(),
  };
}
