import type { Provider, WholePlan } from '@localize/core';
import type { BatchFixture } from './batch-fixture.js';
import type { SkippingClock } from './skipping-clock.js';

/** A plan for one slot, so that a run must wait for the prediction of another batch. */
export function oneSlotPlan(batch: BatchFixture, name: string, languages: readonly string[]): WholePlan {
  const plan = batch.plan(languages, { batch: name });
  const limits = { creates: 100, perMs: 60_000, concurrent: 1 };
  return { ...plan, providers: { acme: { ...plan.providers.acme!, limits } } };
}

/** Leaves a prediction of a batch open, as a run that was interrupted does. */
export async function leaveOpenIn(batch: BatchFixture, name: string, clock: SkippingClock): Promise<void> {
  const stop = new AbortController();
  const { starts, statuses, provider } = batch.scripted;
  const stopping: Provider = {
    ...provider,
    start: async (...call) => {
      statuses.set(`prediction-${starts.length + 1}`, { state: 'pending', phase: 'running' });
      const result = await provider.start(...call);
      stop.abort();
      return result;
    },
  };
  const providers = new Map([['acme', stopping]]);
  await batch.run({ clock, providers, stop: stop.signal }, oneSlotPlan(batch, name, ['de']));
}
