import type { AttemptSnapshot, BudgetCap } from '@localize/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChaosWorld } from '../testing/chaos/chaos-world.js';

/** Real processes and real kills, and the provider's own books as the judge of every cap. */

const AMPLE = { wavespeed: { creates: 200, perMs: 1_000, concurrent: 50 } };
const ROOMY = { wavespeed: { creates: 20, perMs: 1_000, concurrent: 3 } };
let world: ChaosWorld;
beforeAll(async () => {
  // The provider allows more than a run takes: the budget is the only limit here.
  world = await ChaosWorld.start({ limits: AMPLE, seed: 11 });
});
afterAll(() => world.stop());

const JOBS = { count: 8, routes: ['wavespeed/infinitetalk'], limits: ROOMY };
const cap = (micros: number, period: BudgetCap['period']): BudgetCap => ({
  name: `budget.${period}`,
  scope: { kind: 'all' },
  period,
  micros,
});

const booksOf = async (dir: string) =>
  (await world.bought(dir)).reduce((sum, { billedMicros }) => sum + billedMicros, 0);

const billedOrAtRisk = ({ state, billedMicros, estimateMicros }: AttemptSnapshot) =>
  state === 'uncertain' ? estimateMicros : billedMicros;

describe('a cap', () => {
  it('is kept over kills at random instants, and used as far as jobs fit', async () => {
    const dir = world.newDir();
    const micros = 1_000_000;
    const settings = { ...JOBS, caps: [cap(micros, 'batch')] };
    let random = 4711;
    for (let round = 0; round < 6; round += 1) {
      random = (random * 1103515245 + 12345) % 2 ** 31;
      await world.run(dir, settings, round, { afterMs: 300 + (random % 600) });
      expect(await booksOf(dir)).toBeLessThanOrEqual(micros);
      await world.settleByLedger(dir);
    }
    const last = await world.run(dir, settings, 99);
    expect(last.outcome).toMatchObject({ why: 'budget', exit: 3 });
    expect(await world.broken(dir)).toEqual([]);
    const { jobs } = world.snapshot(dir);
    const left = jobs.filter(({ state }) => state === 'pending');
    const cheapest = Math.min(...left.map(({ estimateMicros }) => estimateMicros ?? 0));
    // Kills before a run has looked at what the one before left may leave lost creates to the last one.
    const attempts = jobs.flatMap((job) => job.attempts);
    const counted = attempts.reduce((sum, attempt) => sum + (billedOrAtRisk(attempt) ?? 0), 0);
    expect(left.length).toBeGreaterThan(0);
    expect(await booksOf(dir)).toBeLessThanOrEqual(counted);
    expect(counted).toBeLessThanOrEqual(micros);
    expect(counted + cheapest).toBeGreaterThan(micros);
  }, 240_000);

  it('of a day is kept by two runs of one state at once', async () => {
    const dir = world.newDir();
    const caps = [cap(1_000_000, 'day')];
    const ends = await Promise.all([
      world.run(dir, { ...JOBS, caps, batch: 'one' }, 1),
      world.run(dir, { ...JOBS, caps, batch: 'two', firstTake: JOBS.count }, 2),
    ]);
    expect(ends.map(({ outcome }) => outcome?.exit)).toEqual([3, 3]);
    const spent = await booksOf(dir);
    expect(spent).toBeLessThanOrEqual(1_000_000);
    expect(spent).toBeGreaterThan(500_000);
  }, 60_000);
});
