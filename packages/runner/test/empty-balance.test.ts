import type { Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

const LANGUAGES = ['de', 'fr', 'ja', 'it', 'es', 'pl', 'nl', 'sv'];
const OPEN = 3;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(LANGUAGES);
  batch.scripted.refusal.kind = 'payment';
});
afterEach(() => batch.close());

const refused = () =>
  batch.store.sqlite.prepare("SELECT count(*) AS n FROM attempts WHERE state = 'refused'").get() as { n: number };

/** Three are under way when the fourth create is refused, and end all at once. */
async function runDry(): Promise<void> {
  const open = Array.from({ length: OPEN }, (_, index) => `prediction-${index + 1}`);
  for (const id of open) batch.scripted.statuses.set(id, { state: 'pending', phase: 'running' });
  batch.scripted.nextStarts.push(...open.map(() => 'accepted' as const), ...LANGUAGES.map(() => 'refused' as const));
  const plan = batch.plan(LANGUAGES);
  const { acme } = plan.providers;
  const limits = { creates: 100, perMs: 60_000, concurrent: OPEN + 1 };
  let closings = 0;
  const outcome = await batch.run(
    {
      onEvent: (event) => {
        if (event.type !== 'lane:closed') return;
        closings += 1;
        batch.scripted.statuses.clear();
      },
    },
    { ...plan, providers: { acme: { ...acme!, limits } } },
  );
  expect(outcome.exit).toBe(1);
  expect(closings).toBeGreaterThan(1);
}

describe('a lane whose balance is empty', () => {
  it('is tried with one create when several attempts have ended at once', async () => {
    await runDry();
    expect(batch.snapshot().jobs.filter(({ state }) => state === 'succeeded')).toHaveLength(OPEN);
    // Ends that are seen apart may have a try each; no two creates are out at once.
    expect(refused().n).toBeLessThanOrEqual(1 + OPEN);
    const overlaps = `SELECT count(*) AS n FROM attempts a JOIN attempts b ON b.rowid > a.rowid AND b.sent_at < a.replied_at
      WHERE a.state = 'refused' AND b.state = 'refused'`;
    expect(batch.store.sqlite.prepare(overlaps).get()).toEqual({ n: 0 });
  });

  it('is tried with one create by the next run, and takes all once that is accepted', async () => {
    await runDry();
    const before = refused().n;
    expect((await batch.run()).exit).toBe(1);
    expect(refused().n).toBe(before + 1);
    batch.scripted.nextStarts.splice(0);
    expect((await batch.run()).exit).toBe(0);
    expect(refused().n).toBe(before + 1);
  });

  it('costs at most one create in vain for each end, where it has room for two at a time', async () => {
    const languages = Array.from({ length: 20 }, (_, index) => `x-${index}`);
    const { provider } = batch.scripted;
    const open = new Set<unknown>();
    const poor: Provider = {
      ...provider,
      start: async (...call) => {
        if (open.size >= 2) return { outcome: 'refused', failure: { kind: 'payment', message: 'insufficient' } };
        const result = await provider.start(...call);
        if (result.outcome === 'accepted') open.add(result.reference.id);
        return result;
      },
      status: async (route, reference, context) => {
        open.delete(reference.id);
        return provider.status(route, reference, context);
      },
    };
    const outcome = await batch.run({ providers: new Map([['acme', poor]]) }, batch.plan(languages));
    expect([outcome.exit, batch.scripted.starts.length]).toEqual([0, languages.length]);
    // Those that were out together before anybody knew of it, and one for each end.
    expect(refused().n).toBeLessThanOrEqual(8 + languages.length);
  });
});
