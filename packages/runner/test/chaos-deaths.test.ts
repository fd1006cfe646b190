import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mulberry32 } from '../testing/chaos/chaos-options.mjs';
import type { ChaosSettings, Kill } from '../testing/chaos/chaos-settings.js';
import { ChaosWorld } from '../testing/chaos/chaos-world.js';
import { EVERY_FAULT } from '../testing/chaos/every-fault.js';
import { mortalRun } from '../testing/chaos/mortal-run.js';
import { seeds } from '../testing/chaos/seeds.js';

/** Hundreds of deaths at random instants, under every fault at once. `npm run chaos` asks for more worlds. */
const WORLDS = seeds(process.env.CHAOS_WORLDS, 4);
const DEATHS = 60;

/** Runs and providers live so much faster than real time: what is waited for here is work, not time. */
const pace = { startedAt: Date.now(), factor: 30 };
const LIMITS = { creates: 8, perMs: 5_000, concurrent: 8 };
const PROVIDERS = ['vibedream', 'eachlabs', 'wavespeed', 'fal'];
const everywhere = <T>(value: T) => Object.fromEntries(PROVIDERS.map((provider) => [provider, value]));

const ROUTES = [
  'vibedream/infinitetalk-fast',
  'eachlabs/infinitalk',
  'wavespeed/infinitetalk',
  'wavespeed/infinitetalk-fast-multi',
  'fal/infinitalk',
];

/** What vanishes is waited for until it counts as gone, so it is not in every batch, but in the first that all get to. */
const faultsOf = (nth: number) => (nth % 4 === 0 ? EVERY_FAULT : EVERY_FAULT.filter(({ kind }) => kind !== 'vanish'));

/** Even seeds bring local files to the providers' own storage, which VibeDream has none of. */
const placesOf = (seed: number) =>
  seed % 2 === 1 ? { routes: ROUTES } : { routes: ROUTES.slice(1), ownUploads: true };

/** Every third world has said beforehand that a create is bought again that the provider's list lacks. */
const wordOf = (seed: number) => (seed % 3 === 0 ? 'absent' : 'hold');

/** Each has a provider of its own: a new state knows nothing of the creates that another one's window still counts. */
let world: ChaosWorld;
/** How often each fault has hit, over all worlds. */
const hits = new Map<string, number>();
beforeEach(async () => {
  world = await ChaosWorld.start({ limits: everywhere(LIMITS), speed: 100, seed: 11, pace });
});
afterEach(async () => {
  for (const [fault, count] of await world.faultHits()) hits.set(fault, (hits.get(fault) ?? 0) + count);
  await world.stop();
});

describe('a batch under every fault at once that dies at hundreds of random instants', () => {
  it.each(WORLDS)(
    'pays never twice, loses no result and breaks no limit (seed %i)',
    async (seed) => {
      const dir = world.newDir();
      const dice = mulberry32(seed);
      let deaths = 0;

      for (let nth = 0; deaths < DEATHS; nth += 1) {
        const settings: ChaosSettings = {
          count: 40,
          ...placesOf(seed),
          onUncertain: wordOf(seed),
          limits: everywhere(LIMITS),
          timeoutMs: 240_000,
          batch: `batch-${nth}`,
          firstTake: nth * 100,
        };
        if (nth > 0) world.expireUploads(dir);
        await world.setFaults(faultsOf(nth));
        for (let died = true; died && deaths < DEATHS; ) {
          const full = world.settingsFor(dir, settings, seed * 1_000 + deaths);
          ({ died } = await mortalRun(full, pace, randomKill(dice)));
          if (died) deaths += 1;
          await world.hearOut();

          expect(await world.broken(dir, settings)).toEqual([]);
          // Now and then somebody looks at what is held, so that no lane stays full of it.
          if (deaths % 3 === 0) await world.settleByLedger(dir, settings);
        }
        await finish(dir, settings, seed);
      }
    },
    600_000,
  );

  it('was hit by each of the faults', () => {
    const missing = EVERY_FAULT.filter((fault) => !hits.get(JSON.stringify(fault)));
    expect(missing).toEqual([]);
  });

  /** As after a bad day: the provider is well again, and the user settles what nothing could prove. */
  async function finish(dir: string, settings: ChaosSettings, seed: number): Promise<void> {
    await world.setFaults([]);
    const run = () => mortalRun(world.settingsFor(dir, settings, seed), pace, null);
    await run();
    await world.settleByLedger(dir, settings);
    await run();
    expect(await world.broken(dir, settings)).toEqual([]);
    expect(await world.unsettled(dir, settings)).toEqual([]);
  }
});

/** A point of the state, a point of a create, or just any moment. */
function randomKill(dice: () => number): Kill {
  const roll = dice();
  const upTo = (most: number) => 1 + Math.floor(dice() * most);
  const edge = dice() < 0.5 ? 'before' : 'after';
  if (roll < 0.45) return { point: 'commit', when: edge, n: upTo(25) };
  if (roll < 0.7) return { point: 'post', when: dice() < 0.34 ? 'during' : edge, n: upTo(5) };
  return { afterMs: 20 + upTo(250) };
}
