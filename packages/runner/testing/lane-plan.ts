import type { LaneLimits, Plan, PollSettings, Provider } from '@localize/core';
import type { RunOptions } from '../src/index.js';
import type { BatchFixture } from './batch-fixture.js';

interface LanePlan {
  readonly name: string;
  /** So many jobs, alike but for their voices. */
  readonly count: number;
  readonly limits: LaneLimits;
  readonly poll?: PollSettings;
  readonly timeoutMs?: number;
}

/** A plan of a batch all of whose jobs go to one lane. */
export function lanePlan(batch: BatchFixture, { name, count, ...settings }: LanePlan): Plan {
  const plan = batch.plan(
    Array.from({ length: count }, (_, index) => `${name}-${index}`),
    { batch: name },
  );
  return { ...plan, providers: { acme: { ...plan.providers.acme!, ...settings } } };
}

/** Leaves the whole plan accepted and open, as a run does that is stopped then. */
export async function leaveOpen(
  batch: BatchFixture,
  plan: Plan,
  { provider = batch.scripted.provider, ...options }: { provider?: Provider } & Partial<RunOptions> = {},
): Promise<void> {
  const stop = new AbortController();
  const { starts } = batch.scripted;
  const enough = starts.length + plan.jobs.length;
  const stopping: Provider = {
    ...provider,
    start: async (...call) => {
      const result = await provider.start(...call);
      if (starts.length === enough) stop.abort();
      return result;
    },
    status: async () => ({ state: 'pending', phase: 'running' }),
  };
  await batch.run({ ...options, providers: new Map([['acme', stopping]]), stop: stop.signal }, plan);
}
