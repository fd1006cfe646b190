import { costTotals } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

const TEN_MINUTES_MS = 10 * 60_000;

describe('ten minutes in which every reply to a create is lost', () => {
  it('cost a handful of creates, not hundreds of held jobs, and the rest of the batch is made afterwards', async () => {
    const clock = new SkippingClock();
    const startedAt = clock.nowMs();
    const { provider, starts } = batch.scripted;
    const flaky = {
      ...provider,
      start: (...call: Parameters<typeof provider.start>) => {
        if (clock.nowMs() - startedAt < TEN_MINUTES_MS) batch.scripted.nextStarts.unshift('uncertain');
        return provider.start(...call);
      },
    };
    const languages = Array.from({ length: 60 }, (_, index) => `x-${index}`);
    const providers = new Map([['acme', flaky]]);
    const plan = batch.plan(languages);
    const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent: 20 } };
    const outcome = await batch.run({ clock, providers }, { ...plan, providers: { acme } });

    const { jobs } = batch.snapshot();
    const held = jobs.filter(({ state }) => state === 'held');
    expect(outcome.exit).toBe(1);
    expect(held.length).toBeLessThanOrEqual(20);
    expect(jobs.filter(({ state }) => state === 'succeeded')).toHaveLength(60 - held.length);
    expect(starts).toHaveLength(60);
    expect(costTotals(jobs).atRiskMicros).toBe(held.length * 150_000);
  }, 60_000);
});
