import { readFileSync } from 'node:fs';
import { ERRORS } from '@localize/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../testing/chaos/chaos-options.mjs';
import { ChaosWorld } from '../testing/chaos/chaos-world.js';
import { EVERY_FAULT } from '../testing/chaos/every-fault.js';
import { seeds } from '../testing/chaos/seeds.js';
import { takeOf } from '../testing/chaos/takes.js';

/** Every fault at once, seeded, against real processes that are killed at random instants. */

/** `npm run chaos` asks for more of them. */
const SEEDS = seeds(process.env.CHAOS_SEEDS, 2);

const ALL_ROUTES = [
  'vibedream/infinitetalk-fast',
  'eachlabs/infinitalk',
  'wavespeed/infinitetalk',
  'wavespeed/infinitetalk-fast-multi',
  'fal/infinitalk',
];
/** Even seeds bring local files to the providers' own storage, which VibeDream has none of. */
const placesOf = (seed: number) =>
  seed % 2 === 1 ? { routes: ALL_ROUTES } : { routes: ALL_ROUTES.slice(1), ownUploads: true };
const QUICK = { creates: 8, perMs: 1_000, concurrent: 4 };
const LIMITS = { vibedream: QUICK, eachlabs: QUICK, wavespeed: QUICK, fal: QUICK };
/** The emulator's own limiter, which a run must never meet. */
const SERVER_LIMITS = { vibedream: QUICK, eachlabs: QUICK, wavespeed: QUICK, fal: QUICK };

/** Runs and providers of this world live faster than real time: what is waited for is work, not time. */
const pace = { startedAt: Date.now(), factor: 20 };
const FAST = { creates: 8, perMs: 5_000, concurrent: 8 };
const FAST_LIMITS = { vibedream: FAST, eachlabs: FAST, wavespeed: FAST, fal: FAST };

let world: ChaosWorld;
let fast: ChaosWorld;
beforeAll(async () => {
  world = await ChaosWorld.start({ limits: SERVER_LIMITS, seed: 7 });
  fast = await ChaosWorld.start({ limits: FAST_LIMITS, seed: 7, speed: 100, pace });
});
afterAll(() => Promise.all([world.stop(), fast.stop()]));
afterEach(() => world.setFaults([]));

describe('a batch under every fault at once, killed again and again with SIGKILL', () => {
  it.each(SEEDS)(
    'keeps the three promises (seed %i)',
    async (seed) => {
      const dir = fast.newDir();
      const settings = { count: 40, ...placesOf(seed), limits: FAST_LIMITS, timeoutMs: 240_000 };
      const dice = mulberry32(seed);
      await fast.setFaults(EVERY_FAULT);
      for (let round = 0; round < 15; round += 1) {
        const end = await fast.run(dir, settings, seed * 1000 + round, { afterMs: 400 + Math.floor(dice() * 1_200) });
        expect(await fast.broken(dir)).toEqual([]);
        if (end.signal !== 'SIGKILL') break;
        if (round % 3 === 0) await fast.settleByLedger(dir);
      }
      await fast.setFaults([]);
      await fast.run(dir, settings, seed * 1000 + 500);
      await fast.settleByLedger(dir);
      await fast.run(dir, settings, seed * 1000 + 501);

      expect(await fast.broken(dir)).toEqual([]);
      expect(await fast.unsettled(dir)).toEqual([]);
    },
    600_000,
  );
});

describe('two runs of one batch', () => {
  const settings = { count: 4, routes: ['eachlabs/infinitalk'], limits: LIMITS };

  it('never work at once: while the first is stopped between intent and POST the second says who holds the batch, and once it is killed the second succeeds at once', async () => {
    const dir = world.newDir();
    const absent = { ...settings, onUncertain: 'absent' } as const;
    const first = world.launch(dir, absent, 1, { point: 'post', when: 'before', n: 3, stop: true });
    await until(async () => isStopped(first.child.pid ?? 0));
    const intended = world
      .snapshot(dir)
      .jobs.flatMap((job) => job.attempts.filter(({ state }) => state === 'intended'));
    expect(intended.length).toBeGreaterThan(0);
    const second = await world.run(dir, absent, 2);
    expect(second.outcome).toMatchObject({
      error: 'BATCH_LOCKED',
      message: expect.stringContaining(`process ${first.child.pid} on chaos`),
    });
    expect(ERRORS.BATCH_LOCKED.exit).toBe(5);
    expect(world.snapshot(dir).runs).toMatchObject([{ endedAtMs: null }]);
    first.child.kill('SIGKILL');
    await first.end;
    // A kill is seen at once, before anybody could write it down.
    const [dead] = world.snapshot(dir).runs;
    expect(dead).toMatchObject({ endedWhy: 'killed', endedAtMs: expect.any(Number) });
    expect((await world.run(dir, absent, 3)).outcome).toMatchObject({ exit: 0 });
    expect(world.snapshot(dir).runs.map(({ endedWhy }) => endedWhy)).toEqual(['killed', 'finished']);
    expect(world.snapshot(dir).runs[0]?.endedAtMs).toBe(dead?.endedAtMs);
    const takes = (await world.bought(dir)).map(({ inputs }) => takeOf(dir, inputs)).sort();
    expect(takes).toEqual([0, 1, 2, 3]);
  }, 300_000);

  it('share one window and one slot count when they are two batches of one state', async () => {
    const dir = world.newDir();
    const before = (await world.ledger()).limiterRefusals;
    const many = { count: 12, routes: ['eachlabs/infinitalk'], limits: LIMITS };
    const ends = await Promise.all([
      world.run(dir, { ...many, batch: 'spring' }, 1),
      world.run(dir, { ...many, batch: 'autumn', firstTake: 100 }, 2),
    ]);
    expect(ends.map(({ outcome }) => outcome?.exit)).toEqual([0, 0]);
    expect((await world.ledger()).limiterRefusals).toBe(before);
  }, 300_000);
});

describe('two identical jobs in two batches of one state', () => {
  it('are told apart only by a person when both replies are lost, and then each is settled without a purchase', async () => {
    const dir = world.newDir();
    const one = { count: 1, routes: ['eachlabs/infinitalk'], limits: LIMITS };
    const [spring, autumn] = [
      { ...one, batch: 'spring' },
      { ...one, batch: 'autumn' },
    ];
    // The list shows neither before both are lost, however late one of the two begins.
    const lagMs = 3_000;
    await world.setFaults([{ kind: 'create-then-drop' }, { kind: 'listing-lag', ms: lagMs }]);
    // Each buys while the other is at work, however fast the two are.
    const first = world.launch(dir, spring, 1, { point: 'post', when: 'before', n: 1, stop: true });
    await until(async () => isStopped(first.child.pid ?? 0));
    expect((await world.run(dir, autumn, 2)).outcome).toMatchObject({ exit: 1 });
    first.child.kill('SIGCONT');
    expect((await first.end).outcome).toMatchObject({ exit: 1 });
    await world.setFaults([]);
    const listedAt = Math.max(...(await world.bought(dir)).map(({ createdAt }) => createdAt)) + lagMs;
    await until(async () => Date.now() > listedAt);
    for (const [index, settings] of [spring, autumn, spring, autumn].entries()) {
      expect((await world.run(dir, settings, 10 + index)).outcome).toMatchObject({ exit: 1 });
    }
    const job = (batch: string) => world.snapshot(dir, batch).jobs[0];
    const bought = await world.bought(dir);
    expect(bought).toHaveLength(2);
    for (const { id } of bought) expect(job('spring')?.mend).toContain(`--prediction ${id}`);

    await world.settleByLedger(dir, spring);
    expect((await world.run(dir, spring, 20)).outcome).toMatchObject({ exit: 0 });
    // What is left in the list can only be the other one now.
    expect((await world.run(dir, autumn, 21)).outcome).toMatchObject({ exit: 0 });
    expect(await world.bought(dir)).toHaveLength(2);
    const ids = ['spring', 'autumn'].map((batch) => job(batch)?.attempts.at(-1)?.predictionId);
    expect(new Set(ids)).toEqual(new Set(bought.map(({ id }) => id)));
  }, 300_000);
});

describe('a run that dies beside another run on the same lane', () => {
  it('leaves no create without a reply in the window: the other run recovers it and goes on', async () => {
    const dir = world.newDir();
    const limits = { eachlabs: { creates: 1, perMs: 500, concurrent: 10 } };
    const route = { routes: ['eachlabs/infinitalk'], limits };
    const died = await world.run(dir, { ...route, count: 1, batch: 'spring' }, 1, {
      point: 'post',
      when: 'during',
      n: 1,
    });
    expect(died.signal).toBe('SIGKILL');
    const other = await world.run(dir, { ...route, count: 3, batch: 'autumn', firstTake: 100 }, 2);
    expect(other.outcome).toMatchObject({ exit: 0 });
    // Held until it is found, which the other run may have seen by its end.
    expect(world.snapshot(dir, 'spring').jobs[0]?.state).not.toBe('submitting');
  }, 300_000);

  it('leaves no slot taken by what it had bought, also when it dies while the other run waits', async () => {
    const dir = world.newDir();
    const limits = { eachlabs: { creates: 50, perMs: 1_000, concurrent: 1 } };
    const route = { routes: ['eachlabs/infinitalk'], limits };
    await world.setFaults([{ kind: 'refuse-poll', status: 503, times: 30 }]);
    const first = world.launch(dir, { ...route, count: 2, batch: 'spring' }, 1);
    await until(
      async () => world.snapshotOrNull(dir, 'spring')?.jobs.some((job) => job.state === 'processing') ?? false,
    );
    const second = world.launch(dir, { ...route, count: 2, batch: 'autumn', firstTake: 100 }, 2);
    await until(async () => world.snapshotOrNull(dir, 'autumn')?.jobs.some((job) => job.state === 'staging') ?? false);
    first.child.kill('SIGKILL');
    await world.setFaults([]);
    expect((await second.end).outcome).toMatchObject({ exit: 0 });
    expect((await world.run(dir, { ...route, count: 2, batch: 'spring' }, 3)).outcome).toMatchObject({ exit: 0 });
    expect(await world.bought(dir)).toHaveLength(4);
  }, 300_000);
});

describe('Ctrl-C', () => {
  it('lets replies of five seconds arrive: no create leaves after it, and none is left uncertain', async () => {
    const dir = world.newDir();
    await world.setFaults([{ kind: 'slow-reply', on: 'create', ms: 5_000 }]);
    const { child, end } = world.launch(dir, { count: 12, routes: ['eachlabs/infinitalk'], limits: LIMITS }, 1);
    // An intent is on the disk before its POST leaves: only what the provider has seen was sent.
    await until(async () => (await world.bought(dir)).length > 0);
    child.kill('SIGINT');
    const { outcome } = await end;
    expect(outcome).toMatchObject({ why: 'interrupted', exit: 130 });
    expect(outcome?.lastCreateSentMs).toBeGreaterThan(0);
    expect(outcome?.lastCreateSentMs).toBeLessThanOrEqual(outcome?.stoppedMs ?? 0);
    const states = world.snapshot(dir).jobs.flatMap((job) => job.attempts.map(({ state }) => state));
    expect(states).not.toContain('uncertain');
    await world.setFaults([]);
    expect(
      (await world.run(dir, { count: 12, routes: ['eachlabs/infinitalk'], limits: LIMITS }, 2)).outcome,
    ).toMatchObject({ exit: 0 });
    expect(await world.bought(dir)).toHaveLength(12);
  }, 300_000);
});

/** Whether a process stands still by a signal. */
function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the condition never held');
}
