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
    // Those that may be out when the first is lost, and one for each pause that ten minutes have room for.
    expect(held.length).toBeLessThanOrEqual(20 + 5);
    expect(jobs.filter(({ state }) => state === 'succeeded')).toHaveLength(60 - held.length);
    expect(starts).toHaveLength(60);
    expect(costTotals(jobs).atRiskMicros).toBe(held.length * 150_000);
  }, 60_000);
});

describe('a burst of creates whose replies are lost together', () => {
  const LANGUAGES = Array.from({ length: 12 }, (_, index) => `x-${index}`);
  const wide = (concurrent = 8) => {
    const plan = batch.plan(LANGUAGES);
    const acme = { ...plan.providers.acme!, limits: { creates: 100, perMs: 60_000, concurrent } };
    return { ...plan, providers: { acme } };
  };
  const pauses = () => batch.events.filter((event) => event.type === 'lane:paused');
  /** Starts that wait until so many are out, and then all end the same way. */
  function together(count: number, end: (call: number) => Promise<void>) {
    const { provider } = batch.scripted;
    let out = 0;
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const start: typeof provider.start = async (...call) => {
      out += 1;
      const mine = out;
      if (mine > count) return provider.start(...call);
      if (mine === count) release();
      await all;
      await end(mine);
      batch.scripted.nextStarts.unshift('uncertain');
      return provider.start(...call);
    };
    return { providers: new Map([['acme', { ...provider, start }]]), all };
  }

  it('is one outage: the pause is the first and shortest one, however many they were', async () => {
    const clock = new SkippingClock();
    const { providers } = together(8, async () => undefined);
    await batch.run({ clock, providers, random: () => 0.5 }, wide());
    expect(batch.snapshot().jobs.filter(({ state }) => state === 'held')).toHaveLength(8);
    expect(pauses()).toHaveLength(1);
    expect(pauses()[0]!.untilMs - pauses()[0]!.atMs).toBe(45_000);
  });

  it('is none when it was the user who did not wait for them: the next run buys at once', async () => {
    const stop = new AbortController();
    const abort = new AbortController();
    const { providers, all } = together(
      8,
      () => new Promise((resolve) => abort.signal.addEventListener('abort', () => resolve())),
    );
    const ended = batch.run({ providers, stop: stop.signal, abort: abort.signal }, wide());
    await all;
    stop.abort();
    setImmediate(() => abort.abort());
    expect((await ended).exit).toBe(130);
    // Creates in doubt keep their slots, so there must be more of them.
    await batch.run({}, wide(12));
    expect(pauses()).toEqual([]);
    expect(batch.snapshot().jobs.filter(({ state }) => state === 'succeeded')).toHaveLength(4);
  });
});

describe('connections that fail together', () => {
  it('are one failure of the lane: the wait does not grow with how many they were', async () => {
    const clock = new SkippingClock();
    const languages = Array.from({ length: 6 }, (_, index) => `x-${index}`);
    batch.scripted.nextStarts.push(...languages.map(() => 'unsent' as const));
    const startedAt = clock.nowMs();
    expect((await batch.run({ clock, random: () => 0.5 }, batch.plan(languages))).exit).toBe(0);
    // Six failures in a row of one lane would wait for 16 s.
    expect(clock.nowMs() - startedAt).toBeLessThan(5_000);
  });
});
