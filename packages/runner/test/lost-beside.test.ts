import { join } from 'node:path';
import { EXIT, type Plan, type Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lanePlan, leaveOpen } from '../testing/lane-plan.js';
import { SkippingClock } from '../testing/skipping-clock.js';

const SLOTS = 3;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

function planOf(name: string, count: number): Plan {
  const limits = { creates: 100, perMs: 60_000, concurrent: SLOTS };
  return lanePlan(batch, { name, count, limits, timeoutMs: 3 * 3_600_000 });
}

/** Lists what it has made, by what it was made of. */
function listing() {
  const made = new Map<string, string>();
  const looks: string[] = [];
  const { provider } = batch.scripted;
  const listed: Provider = {
    ...provider,
    start: async (request, call) => {
      const result = await provider.start(request, call);
      if (result.outcome === 'accepted') made.set(JSON.stringify(request.media), result.predictionId);
      return result;
    },
    find: async ({ request }) => {
      const id = made.get(JSON.stringify(request.media));
      looks.push(id ?? 'nothing');
      if (id === undefined) return { state: 'listed', candidates: [] };
      const shown = { createdAtMs: null, inputs: 'same', isTimely: true, status: 'success' } as const;
      return { state: 'listed', candidates: [{ ...shown, predictionId: id, reference: { id } }] };
    },
  };
  return { providers: new Map([['acme', listed]]), looks };
}

/** Buys a whole plan, and leaves it as a process does that is killed before it hears of any reply. */
async function killedBuying(plan: Plan, providers: ReadonlyMap<string, Provider>, clock: SkippingClock): Promise<void> {
  await leaveOpen(batch, plan, { clock, provider: providers.get('acme')! });
  batch.store.sqlite.exec(`
    UPDATE attempts SET state = 'intended', prediction_id = NULL, reference = NULL, replied_at = NULL, accepted_at = NULL,
      running_at = NULL, poll_at = NULL;
    UPDATE jobs SET state = 'submitting'`);
}

describe('creates whose process was killed before their replies came', () => {
  it('keep no slot from another batch once the provider’s list shows that they have ended', async () => {
    const clock = new SkippingClock();
    const { providers } = listing();
    await killedBuying(planOf('other', SLOTS), providers, clock);
    const startedAt = clock.nowMs();
    const own = { manifestPath: join(batch.dir, 'two.yaml') };
    expect((await batch.run({ ...own, clock, providers }, planOf('spring', 5))).exit).toBe(EXIT.ok);
    expect(clock.nowMs() - startedAt).toBeLessThan(10 * 60_000);
    // Their own run fetches what they have made, and buys nothing.
    expect((await batch.run({ clock, providers }, planOf('other', SLOTS))).exit).toBe(EXIT.ok);
    expect(batch.scripted.starts).toHaveLength(SLOTS + 5);
  }, 60_000);

  it('are looked for by a run of the batch that was asked for other jobs', async () => {
    const clock = new SkippingClock();
    const { providers, looks } = listing();
    const plan = planOf('other', SLOTS + 3);
    const isFirst = (key: string) => /other-[0-2]$/.test(key);
    await killedBuying(planOf('other', SLOTS), providers, clock);
    const startedAt = clock.nowMs();
    const outcome = await batch.run({ clock, providers, only: (key) => !isFirst(key) }, plan);
    expect(outcome.exit).toBe(EXIT.ok);
    expect(looks.length).toBeGreaterThan(0);
    expect(clock.nowMs() - startedAt).toBeLessThan(10 * 60_000);
    expect(batch.scripted.starts).toHaveLength(SLOTS + 3);
  }, 60_000);

  it('are left to their own batch where the list does not show them', async () => {
    const clock = new SkippingClock();
    const { providers } = listing();
    await killedBuying(planOf('other', 1), providers, clock);
    const blind: Provider = { ...providers.get('acme')!, find: async () => ({ state: 'listed', candidates: [] }) };
    const plan = { ...planOf('spring', 5), onUncertain: 'absent' as const };
    const own = { manifestPath: join(batch.dir, 'two.yaml') };
    expect((await batch.run({ ...own, clock, providers: new Map([['acme', blind]]) }, plan)).exit).toBe(EXIT.ok);
    const [job] = batch.snapshot('other').jobs;
    expect(job).toMatchObject({ state: 'held', holdReason: 'uncertain', attempts: [{ state: 'uncertain' }] });
  }, 60_000);
});
