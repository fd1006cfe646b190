import { join } from 'node:path';
import { EXIT, type LaneLimits, type Plan, type Provider } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type RunEvent, type Store } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lanePlan } from '../testing/lane-plan.js';

const TAKES_MS = 40;
const SLOTS = 4;

let batch: BatchFixture;
let other: Store;
beforeEach(async () => {
  batch = await batchFixture();
  // As another process has it: with a connection of its own.
  other = openStore(join(batch.dir, '.localize', 'state.db'));
});
afterEach(async () => {
  other.close();
  await batch.close();
});

function planOf(name: string, count: number, limits: LaneLimits): Plan {
  return lanePlan(batch, { name, count, limits, poll: { firstMs: 10, everyMs: 10 } });
}

/** Predictions that take a while each. */
function taking(ms: number): ReadonlyMap<string, Provider> {
  const { provider } = batch.scripted;
  const startedAt = new Map<string, number>();
  const timed: Provider = {
    ...provider,
    start: async (...call) => {
      const result = await provider.start(...call);
      if (result.outcome === 'accepted') startedAt.set(result.predictionId, Date.now());
      return result;
    },
    status: async (...call) =>
      Date.now() - (startedAt.get(String(call[1].id)) ?? 0) < ms
        ? { state: 'pending', phase: 'running' }
        : provider.status(...call),
  };
  return new Map([['acme', timed]]);
}

/** Runs two batches at once, the second from when the first has bought so many. @returns whose creates they were, in order */
async function both(one: Plan, two: Plan, from: number): Promise<string> {
  const providers = taking(TAKES_MS);
  const bought: string[] = [];
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const noting = (name: string) => (event: RunEvent) => {
    if (event.type === 'attempt:state' && event.to === 'accepted') bought.push(name);
    if (bought.length === from) begin();
  };
  const first = batch.run({ providers, onEvent: noting('1') }, one);
  const own = { manifestPath: join(batch.dir, 'two.yaml') };
  await begun;
  const second = batch.run({ ...own, providers, store: other, onEvent: noting('2') }, two);
  expect((await Promise.all([first, second])).map(({ exit }) => exit)).toEqual([EXIT.ok, EXIT.ok]);
  return bought.join('');
}

describe('two batches at once on one account', () => {
  it('have the same of its slots, although the first had all of them and hears of every end of its own', async () => {
    const limits = { creates: 1_000, perMs: 60_000, concurrent: SLOTS };
    const order = await both(planOf('one', 80, limits), planOf('two', 20, limits), 8);
    // The second is done long before the first: of what both bought meanwhile, each had about a half.
    const meanwhile = order.slice(order.indexOf('2'), order.lastIndexOf('2') + 1);
    expect([...meanwhile].filter((name) => name === '1').length).toBeLessThanOrEqual(40);
    expect(order.indexOf('2')).toBeLessThan(30);
  });

  it('take turns where there is one slot', async () => {
    const limits = { creates: 1_000, perMs: 60_000, concurrent: 1 };
    const order = await both(planOf('one', 16, limits), planOf('two', 5, limits), 2);
    expect(order.lastIndexOf('2')).toBeLessThan(16);
  });

  it('leave each other the next places of a window', async () => {
    const limits = { creates: 6, perMs: 600, concurrent: 100 };
    const order = await both(planOf('one', 32, limits), planOf('two', 9, limits), 6);
    const meanwhile = order.slice(order.indexOf('2'), order.lastIndexOf('2') + 1);
    const longest = Math.max(...meanwhile.split('2').map(({ length }) => length));
    expect(longest).toBeLessThanOrEqual(6);
  });
});
