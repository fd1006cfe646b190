import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Kill } from '../testing/chaos/chaos-settings.js';
import { ChaosWorld } from '../testing/chaos/chaos-world.js';
import { takeOf } from '../testing/chaos/takes.js';

/** Real processes killed with SIGKILL at every point where a run writes to its state or sends a create. */

let world: ChaosWorld;
beforeAll(async () => {
  world = await ChaosWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.setFaults([]));

const TWO_JOBS = { count: 2, routes: ['eachlabs/infinitalk', 'fal/infinitalk'] };
const ROOMY = {
  eachlabs: { creates: 1000, perMs: 60_000, concurrent: 100 },
  fal: { creates: 1000, perMs: 1_000, concurrent: 100 },
};

/** Runs with the kill, then without until the batch ends, as a user would who types the command again. */
async function killThenFinish(
  kill: Kill,
): Promise<{ killed: boolean; bought: number; faults: string[]; exit: number | undefined }> {
  const dir = world.newDir();
  const settings = { ...TWO_JOBS, limits: ROOMY };
  const first = await world.run(dir, settings, 1, kill);
  let last = await world.run(dir, settings, 2);
  if (last.outcome?.exit === 1) {
    await world.settleByLedger(dir);
    last = await world.run(dir, settings, 3);
  }
  const bought = (await world.bought(dir)).length;
  const faults = await world.broken(dir);
  return { killed: first.signal === 'SIGKILL', bought, faults, exit: last.outcome?.exit };
}

/**
 * The n-th commit and the next, in pairs that are tried at once: each commit at one of its edges, or with `npm run chaos`
 * at both. What lies between two commits is also where the suite of deaths ends its runs.
 */
function pointsFrom(n: number) {
  const at = (when: 'before' | 'after', nth: number) => ({ point: 'commit', when, n: nth }) as const;
  const once = [at('before', n), at('after', n + 1)];
  return process.env.CHAOS_SEEDS === undefined ? [once] : [once, [at('after', n), at('before', n + 1)]];
}

describe('a run that is killed with SIGKILL', () => {
  it('is finished by the next runs without one extra create, wherever it was killed at a commit', async () => {
    const ends: { n: number; killed: boolean }[] = [];
    // Until the run ends before it reaches one.
    for (let n = 1; n <= 40 && ends.every(({ killed }) => killed); n += 2) {
      for (const pair of pointsFrom(n)) {
        const results = await Promise.all(pair.map(async (kill) => ({ n: kill.n, ...(await killThenFinish(kill)) })));
        for (const { killed, ...result } of results) {
          ends.push({ n: result.n, killed });
          expect(result).toEqual({ n: result.n, bought: 2, faults: [], exit: 0 });
        }
      }
    }
    // A run of two jobs has at least these: begin, staging, and six moves a job.
    expect(Math.max(...ends.map(({ n }) => n))).toBeGreaterThan(13);
  }, 900_000);

  it.each(['before', 'during', 'after'] as const)(
    'is finished without one extra create when killed %s a POST',
    async (when) => {
      for (const n of [1, 2]) {
        const result = await killThenFinish({ point: 'post', when, n });
        expect({ n, ...result }).toEqual({ n, killed: true, bought: 2, faults: [], exit: 0 });
      }
    },
    60_000,
  );

  it('leaves at most one prediction a job over many kills at random instants, and all books agree at the end', async () => {
    const routes = ['vibedream/infinitetalk-fast', 'eachlabs/infinitalk', 'wavespeed/infinitetalk', 'fal/infinitalk'];
    const settings = { count: 8, routes };
    const dir = world.newDir();
    let random = 12345;
    for (let round = 0; round < 14; round += 1) {
      random = (random * 1103515245 + 12345) % 2 ** 31;
      const afterMs = 350 + (random % 700);
      const end = await world.run(dir, settings, round, { afterMs });
      if (end.outcome?.exit === 0) break;
    }
    await world.run(dir, settings, 100);
    await world.settleByLedger(dir);
    const last = await world.run(dir, settings, 101);
    expect(last.outcome).toMatchObject({ exit: 0 });
    const takes = (await world.bought(dir)).map(({ inputs }) => takeOf(dir, inputs));
    expect(new Set(takes).size).toBe(takes.length);
    expect(await world.broken(dir)).toEqual([]);
  }, 120_000);
});
