import type { CallContext, Plan, Provider, StartRequest } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { SkippingClock } from '../testing/skipping-clock.js';

/** A provider that takes fewer at once than its pages say, and answers 429 beyond that. */

const REAL_CEILING = 3;

let batch: BatchFixture;
let clock: SkippingClock;
beforeEach(async () => {
  batch = await batchFixture();
  clock = new SkippingClock();
});
afterEach(() => batch.close());

const learned = () =>
  batch.store.sqlite.prepare('SELECT learned_concurrent AS most FROM lanes').get() as { most: number };

/**
 * Refuses what goes beyond its ceiling. A prediction is done at its third poll, but none is before a create was refused
 * where the test waits for that.
 */
function strict(ceiling: () => number, { untilRefused = false } = {}) {
  const { provider } = batch.scripted;
  const polls = new Map<string, number>();
  const replies: ('accepted' | 'refused')[] = [];
  let arriving = 0;
  const start = async (request: StartRequest, context: CallContext) => {
    if (polls.size + arriving >= ceiling()) batch.scripted.nextStarts.unshift('refused');
    arriving += 1;
    const result = await provider.start(request, context);
    arriving -= 1;
    if (result.outcome === 'accepted') polls.set(result.predictionId, 0);
    replies.push(result.outcome === 'accepted' ? 'accepted' : 'refused');
    return result;
  };
  const status: Provider['status'] = async (route, reference, context) => {
    const id = String(reference.id);
    const before = polls.get(id);
    if (before === undefined) return provider.status(route, reference, context);
    const seen = before + 1;
    polls.set(id, seen);
    if (seen < 3 || (untilRefused && !replies.includes('refused'))) return { state: 'pending', phase: 'running' };
    polls.delete(id);
    return provider.status(route, reference, context);
  };
  return { providers: new Map([['acme', { ...provider, start, status }]]), replies };
}

function planOf(count: number): Plan {
  const plan = batch.plan(Array.from({ length: count }, (_, index) => `x-${index}`));
  const acme = {
    ...plan.providers.acme!,
    limits: { creates: 1_000, perMs: 60_000, concurrent: 8 },
    poll: { firstMs: 10_000, everyMs: 10_000 },
    timeoutMs: 3_600_000,
  };
  return { ...plan, providers: { acme } };
}

describe('a storm of 429', () => {
  it('lowers the ceiling to what the provider takes, keeps it over a restart, and raises it step by step', async () => {
    let ceiling = REAL_CEILING;
    const first = strict(() => ceiling, { untilRefused: true });
    const pauses: string[] = [];
    const onEvent = (event: RunEvent) => event.type === 'lane:paused' && pauses.push(event.why);
    expect((await batch.run({ clock, providers: first.providers, onEvent }, planOf(12))).exit).toBe(0);
    // The creates that were out together are one storm, which is said once.
    expect(pauses.length).toBeLessThan(first.replies.filter((reply) => reply === 'refused').length);
    expect(learned().most).toBeGreaterThanOrEqual(REAL_CEILING);
    expect(learned().most).toBeLessThanOrEqual(REAL_CEILING + 1);
    // Those that were out when the first was refused, and then one try for each rise of the ceiling.
    expect(first.replies.filter((reply) => reply === 'refused').length).toBeLessThanOrEqual(8 - REAL_CEILING + 3);

    batch.reopen();
    const second = strict(() => ceiling);
    expect((await batch.run({ clock, providers: second.providers }, planOf(16))).exit).toBe(0);
    // The restarted run knows the ceiling: it does not meet the storm again.
    expect(second.replies.filter((reply) => reply === 'refused').length).toBeLessThanOrEqual(1);

    ceiling = 8;
    const third = strict(() => ceiling);
    expect((await batch.run({ clock, providers: third.providers }, planOf(76))).exit).toBe(0);
    expect(third.replies).not.toContain('refused');
    expect(learned().most).toBeNull();
    const ceilings = batch.snapshot().lanes[0]?.ceilings?.map(({ concurrent }) => concurrent) ?? [];
    expect(ceilings).toContain(REAL_CEILING);
    expect(ceilings.at(-1)).toBeNull();
  }, 60_000);

  it('learns no ceiling that a create in doubt fills', async () => {
    batch.scripted.nextStarts.push('uncertain');
    expect((await batch.run({ clock }, planOf(1))).exit).toBe(1);

    const startedAt = clock.nowMs();
    batch.scripted.nextStarts.push('refused');
    await batch.run({ clock }, planOf(2));
    expect(batch.snapshot().jobs.map(({ state }) => state)).toEqual(['held', 'succeeded']);
    // The create in doubt has its slot for an hour.
    expect(clock.nowMs() - startedAt).toBeLessThan(600_000);
  });

  it('pauses for longer each time in a row where the provider counts minutes and the manifest seconds', async () => {
    const { provider } = batch.scripted;
    const sent: number[] = [];
    let refused = 0;
    const start: Provider['start'] = async (...asked) => {
      const now = clock.nowMs();
      const isFull = sent.filter((at) => at > now - 60_000).length >= 5;
      if (isFull) batch.scripted.nextStarts.unshift('refused');
      else sent.push(now);
      refused += isFull ? 1 : 0;
      return provider.start(...asked);
    };
    const plan = planOf(25);
    const limits = { creates: 1_000, perMs: 1_000, concurrent: 1 };
    const providers = { acme: { ...plan.providers.acme!, limits, poll: { firstMs: 100, everyMs: 100 } } };
    const overrides = { clock, providers: new Map([['acme', { ...provider, start }]]) };
    expect((await batch.run(overrides, { ...plan, providers })).exit).toBe(0);
    expect(sent).toHaveLength(25);
    // Four minutes in all: about 200 with pauses of a second or two, as the manifest's window alone would have it.
    expect(refused).toBeLessThanOrEqual(110);
  });

  it('spends no job’s attempt, and pauses as long as it is asked to', async () => {
    batch.scripted.refusal.retryAfterMs = 120_000;
    batch.scripted.nextStarts.push('refused', 'accepted');
    const startedAt = clock.nowMs();
    const plan = planOf(1);
    expect((await batch.run({ clock }, plan)).exit).toBe(0);
    expect(clock.nowMs() - startedAt).toBeGreaterThanOrEqual(120_000);
    const [job] = batch.snapshot().jobs;
    expect(job?.attempts.map(({ state }) => state)).toEqual(['refused', 'completed']);
    const { atMs, untilMs, cause } = batch.snapshot().lanes[0]?.stops?.[0] ?? {};
    expect([cause, (untilMs ?? 0) - (atMs ?? 0)]).toEqual(['rate-limit', 120_000]);
    expect(batch.store.sqlite.prepare('SELECT retries FROM jobs').get()).toEqual({ retries: 0 });
  });
});
