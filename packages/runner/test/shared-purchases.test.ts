import { secret } from '@localize/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLanes } from '../src/lanes/open-lanes.js';
import { type BuyResult, buy, type Purchase } from '../src/store/buy.js';
import { Journal } from '../src/store/journal.js';
import { registerPlan } from '../src/store/register-plan.js';
import { findRows } from '../src/store/rows.js';
import { attempts, batches, jobs } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture, plannedJob } from '../testing/batch-fixture.js';

const NOW = 1_800_000_000_000;
const clock = { nowMs: () => NOW, wallMs: () => NOW, after: () => () => undefined };
const JOBS = 24;
const COUNTS_SLOTS = /SELECT count\(\*\) AS open/;

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

/** A batch of its own under these limits, and what buys its jobs, one after the other. */
function shop(name: string, limits: { readonly creates: number; readonly concurrent: number }) {
  const { store } = batch;
  const base = batch.plan(['de']);
  const planned = Array.from({ length: JOBS }, (_, at) => ({ ...plannedJob('de', at), key: `v${at}/de` }));
  const acme = { ...base.providers.acme!, limits: { ...limits, perMs: 60_000 } };
  const plan = { ...base, batch: name, jobs: planned, providers: { acme } };
  const { id: batchId } = registerPlan(store, clock, plan, { manifestPath: name, folder: name, sameBatch: false });
  store.db.update(batches).set({ holderRunId: 'run' }).run();
  const journal = new Journal(store, clock, 'run', () => undefined);
  const keys = [{ provider: 'acme', variable: 'ACME_KEY', account: null, key: secret(name) }];
  const lane = openLanes(store, plan, keys, () => name)[0]!;
  const rows = findRows(store, jobs, 'WHERE batch_id = ? ORDER BY position', batchId);
  const order = (at: number): Purchase => {
    const job = rows[at]!;
    if (findRows(store, jobs, 'WHERE id = ?', job.id)[0]?.state === 'pending') journal.moveJob(job, 'stage');
    const choice = job.planned.choices[0]!;
    const voices = { kind: 'one', audio: 'a' } as const;
    const parts = { video: 'v', voices: ['a'], order: null, mask: null, route: choice.route, input: choice.input };
    return {
      batchId,
      jobId: job.id,
      lane,
      keyHash: 'k',
      choice,
      request: { media: { video: 'v', voices, mask: null }, input: choice.input, parts },
      fingerprint: `${name} ${job.key}`,
      preferred: [],
      stagingAtMs: NOW,
      stagedAtMs: NOW,
      timeoutMs: 120_000,
      budget: plan.budget,
      includeApproved: false,
      prices: {},
    };
  };
  const buyTogether = (from: number, count: number): BuyResult[] =>
    journal.transact(() => Array.from({ length: count }, (_, at) => buy(journal, order(from + at))));
  const open = () => findRows(store, attempts, 'WHERE lane_id = ?', lane.id).length;
  return { journal, lane, buyTogether, open };
}

it('buys together exactly as many as the limits leave, whatever was bought before', () => {
  let name = 0;
  const few = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(few, few, fc.array(few, { minLength: 1, maxLength: 2 }), (creates, concurrent, together) => {
      name += 1;
      const { buyTogether, open } = shop(`b${name}`, { creates, concurrent });
      let from = 0;
      for (const count of together) {
        const left = Math.min(creates, concurrent) - open();
        const outcomes = buyTogether(from, count).map(({ outcome }) => outcome);
        const bought = Math.min(left, count);
        expect(outcomes).toEqual([...Array(bought).fill('intended'), ...Array(count - bought).fill('wait')]);
        from += count;
      }
    }),
    { numRuns: 25 },
  );
});

it('counts the places of a lane once for all that is bought together, and anew for what is bought next', () => {
  const { sqlite } = batch.store;
  let counted = 0;
  const prepare = sqlite.prepare.bind(sqlite);
  sqlite.prepare = ((sql: string) => {
    const statement = prepare(sql);
    if (!COUNTS_SLOTS.test(sql)) return statement;
    const get = statement.get.bind(statement);
    return Object.assign(statement, {
      get: (...values: unknown[]) => {
        counted += 1;
        return get(...values);
      },
    });
  }) as typeof sqlite.prepare;
  const { buyTogether } = shop('counted', { creates: 100, concurrent: 100 });
  buyTogether(0, 6);
  expect(counted).toBe(1);
  buyTogether(6, 6);
  expect(counted).toBe(2);
});

it('forgets what a transaction has counted when that is rolled back', () => {
  const { journal, buyTogether, open } = shop('undone', { creates: 3, concurrent: 3 });
  expect(() =>
    journal.transact(() => {
      buyTogether(0, 3);
      throw new Error('the disk is full');
    }),
  ).toThrow('the disk is full');
  expect(open()).toBe(0);
  expect(buyTogether(0, 4).map(({ outcome }) => outcome)).toEqual(['intended', 'intended', 'intended', 'wait']);
});

it('sends one create at a time to a lane that is in doubt, also of those that are bought together', () => {
  const { lane, buyTogether } = shop('doubted', { creates: 100, concurrent: 100 });
  batch.store.sqlite.exec(`UPDATE lanes SET doubts = 2 WHERE id = ${lane.id}`);
  expect(buyTogether(0, 3).map(({ outcome }) => outcome)).toEqual(['intended', 'wait', 'wait']);
});
