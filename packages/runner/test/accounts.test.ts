import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChaosWorld } from '../testing/chaos/chaos-world.js';

/** Keys and accounts against the emulator, which counts its limits by account, over HTTP and in processes of their own. */

const LIMIT = { creates: 4, perMs: 1_500, concurrent: 6 };
/** Each test has accounts of its own: none starts in the window of another. */
const ACCOUNT_OF = {
  ...{ 'key-1a': 'first', 'key-1b': 'first' },
  ...{ 'key-2a': 'second', 'key-2b': 'third' },
  ...{ 'key-3a': 'fourth', 'key-3b': 'fourth' },
  ...{ 'key-4a': 'fifth', 'key-4b': 'fifth' },
  ...{ 'key-5a': 'sixth', 'key-5b': 'sixth', 'key-6b': 'seventh' },
};
const ROUTE = { routes: ['eachlabs/infinitalk'], limits: { eachlabs: LIMIT } };

const key = (variable: string, account: string | null, value: string) => ({
  provider: 'eachlabs',
  variable,
  account,
  value,
});

let world: ChaosWorld;
beforeAll(async () => {
  world = await ChaosWorld.start({ limits: { eachlabs: LIMIT }, accounts: { eachlabs: ACCOUNT_OF }, speed: 2_000 });
});
afterAll(() => world.stop());

async function run(keys: ReturnType<typeof key>[], count: number) {
  const dir = world.newDir();
  const before = (await world.ledger()).limiterRefusals;
  const { outcome } = await world.run(dir, { ...ROUTE, count, keys }, 1);
  const bought = await world.bought(dir);
  const attempts = world.snapshot(dir).jobs.flatMap((job) => job.attempts);
  const refusals = (await world.ledger()).limiterRefusals - before;
  const perAccount = (account: string) => bought.filter((each) => each.account === account).length;
  return { dir, exit: outcome?.exit, bought, attempts, refusals, perAccount };
}

describe('limits that a provider counts by account', () => {
  it('hold for two keys of one account, which share its window and its slots', async () => {
    const { exit, bought, refusals, perAccount, attempts } = await run(
      [key('KEY_A', 'main', 'key-1a'), key('KEY_B', 'main', 'key-1b')],
      12,
    );
    expect({ exit, refusals, bought: bought.length }).toEqual({ exit: 0, refusals: 0, bought: 12 });
    expect(perAccount('first')).toBe(12);
    expect(new Set(attempts.map(({ lane }) => lane))).toEqual(new Set(['KEY_A+KEY_B']));
  }, 60_000);

  it('hold for two accounts, each of which has a window of its own and takes its share', async () => {
    const { exit, refusals, perAccount } = await run([key('KEY_A', null, 'key-2a'), key('KEY_B', null, 'key-2b')], 16);
    expect({ exit, refusals }).toEqual({ exit: 0, refusals: 0 });
    const shares = [perAccount('second'), perAccount('third')];
    expect(shares.reduce((sum, share) => sum + share)).toBe(16);
    // On a busy machine a place of one may come free while the other's reply is on its way.
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(6);
  }, 60_000);

  it('cost a 429 and no job where the manifest takes two keys of one account for two accounts', async () => {
    const { exit, refusals, bought, dir } = await run([key('KEY_A', null, 'key-3a'), key('KEY_B', null, 'key-3b')], 12);
    expect({ exit, bought: bought.length }).toEqual({ exit: 0, bought: 12 });
    expect(refusals).toBeGreaterThan(0);
    const states = new Set(world.snapshot(dir).jobs.map(({ state }) => state));
    expect(states).toEqual(new Set(['succeeded']));
  }, 60_000);

  it('are kept over a restart that gives one account another key', async () => {
    const dir = world.newDir();
    const before = (await world.ledger()).limiterRefusals;
    const half = { ...ROUTE, count: 4, keys: [key('KEY_A', 'main', 'key-4a')] };
    expect((await world.run(dir, half, 1)).outcome?.exit).toBe(0);
    const whole = { ...ROUTE, count: 10, keys: [key('KEY_A', 'main', 'key-4a'), key('KEY_B', 'main', 'key-4b')] };
    expect((await world.run(dir, whole, 2)).outcome?.exit).toBe(0);
    expect((await world.ledger()).limiterRefusals).toBe(before);
    expect(await world.bought(dir)).toHaveLength(10);
  }, 60_000);

  it('are kept over a restart with another secret of an account that has a name', async () => {
    const dir = world.newDir();
    const before = (await world.ledger()).limiterRefusals;
    const half = { ...ROUTE, count: 4, keys: [key('KEY', 'main', 'key-5a')] };
    expect((await world.run(dir, half, 1)).outcome?.exit).toBe(0);
    const whole = { ...ROUTE, count: 10, keys: [key('KEY', 'main', 'key-5b')] };
    expect((await world.run(dir, whole, 2)).outcome?.exit).toBe(0);
    expect((await world.ledger()).limiterRefusals).toBe(before);
    expect(await world.bought(dir)).toHaveLength(10);
  }, 60_000);

  it('hold for what the other key of an account sends, where one is refused', async () => {
    const keys = [key('KEY_A', 'main', 'key-6a'), key('KEY_B', 'main', 'key-6b')];
    const { exit, refusals, perAccount, attempts } = await run(keys, 10);
    expect({ exit, refusals, bought: perAccount('seventh') }).toEqual({ exit: 0, refusals: 0, bought: 10 });
    expect(attempts.filter(({ state }) => state === 'refused').length).toBeLessThanOrEqual(LIMIT.creates);
  }, 60_000);
});
