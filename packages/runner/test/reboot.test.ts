import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootClock } from '../src/index.js';
import { laneFacts } from '../src/lanes/admission.js';
import { jobs, lanes } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { stopOnceAccepted } from '../testing/stop-once-accepted.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const bootKey = () => `boot ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;

/** As a run leaves it that began while the wall clock was wrong by so much. */
function fixBootTime(aheadMs: number): void {
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
  const offset = String(Math.round(Date.now() + aheadMs - uptimeMs));
  batch.store.sqlite.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(bootKey(), offset);
}

/** From here on this is the machine's next boot. */
function restartMachine(): void {
  batch.store.sqlite.prepare(`UPDATE meta SET key = 'boot an-earlier-one' WHERE key = ?`).run(bootKey());
}

/** A run that was stopped once its create was accepted. */
async function leaveRunning(): Promise<void> {
  batch.scripted.statuses.set('prediction-1', { state: 'pending', phase: 'running' });
  await batch.run(stopOnceAccepted());
}

const laneNow = (nowMs: number) => {
  const row = batch.store.db.select().from(lanes).get()!;
  return laneFacts(batch.store, row, { creates: 1, perMs: MINUTE_MS, concurrent: 1 }, nowMs);
};

/** The one create, which left at `startedAtMs` or soon after, keeps its slot and its place in the window. */
function keptPlaces(nowMs: number, startedAtMs: number) {
  const facts = laneNow(nowMs);
  expect(facts.open).toBe(1);
  expect(facts.window()).toMatchObject({ taken: 1 });
  expect(facts.window().nextAtMs).toBeGreaterThanOrEqual(startedAtMs + MINUTE_MS - 1_000);
  expect(facts.window().nextAtMs).toBeLessThanOrEqual(nowMs + MINUTE_MS + 1_000);
  return facts;
}

describe('a restart of the machine after its wall clock was set right', () => {
  it.each([-HOUR_MS, HOUR_MS])('keeps creates in their window and in their slots', async (aheadMs) => {
    fixBootTime(aheadMs);
    const startedAtMs = Date.now();
    await leaveRunning();
    const told = batch.snapshot().jobs[0]!.attempts;
    const left = bootClock(batch.store);
    const pausedMs = 10 * MINUTE_MS;
    batch.store.db
      .update(lanes)
      .set({ pausedUntil: left.nowMs() + pausedMs })
      .run();
    restartMachine();

    const nowMs = bootClock(batch.store).nowMs();
    const facts = keptPlaces(nowMs, startedAtMs);
    expect(facts.pausedUntilMs).toBeGreaterThanOrEqual(startedAtMs + pausedMs - 1_000);
    expect(facts.pausedUntilMs).toBeLessThanOrEqual(nowMs + pausedMs + 1_000);
    expect(batch.snapshot().jobs[0]?.attempts).toEqual(told);
    // Once a boot: a second process finds it done.
    bootClock(batch.store);
    expect(laneNow(nowMs)).toMatchObject({ open: 1, slotFreeAtMs: facts.slotFreeAtMs });
  });

  it.each([-HOUR_MS, HOUR_MS])(
    'keeps them and all waits also where the create was sent before that',
    async (aheadMs) => {
      fixBootTime(aheadMs);
      const startedAtMs = Date.now();
      await leaveRunning();
      const waitMs = 10 * MINUTE_MS;
      const waitUntil = bootClock(batch.store).nowMs() + waitMs;
      batch.store.sqlite.exec(`UPDATE attempts SET wall_ahead = 0; UPDATE jobs SET ready_at = ${waitUntil}`);
      restartMachine();

      const nowMs = bootClock(batch.store).nowMs();
      keptPlaces(nowMs, startedAtMs);
      const { readyAt } = batch.store.db.select().from(jobs).get()!;
      expect(readyAt).toBeGreaterThanOrEqual(startedAtMs + waitMs - 1_000);
      expect(readyAt).toBeLessThanOrEqual(nowMs + waitMs + 1_000);
    },
  );

  it('gives the places back when their time is over', async () => {
    fixBootTime(-HOUR_MS);
    await leaveRunning();
    restartMachine();
    const nowMs = bootClock(batch.store).nowMs();
    const { slotFreeAtMs } = laneNow(nowMs);
    const later = laneNow((slotFreeAtMs ?? 0) + MINUTE_MS);
    expect(later.open).toBe(0);
    expect(later.window()).toMatchObject({ taken: 0 });
  });
});

describe('a restart of the machine after its wall clock was set while nobody looked', () => {
  /** As a run leaves it that never saw the wall clock right. */
  const leaveUnseen = async (aheadMs: number) => {
    fixBootTime(aheadMs);
    await leaveRunning();
    batch.store.sqlite.exec(`UPDATE attempts SET wall_ahead = 0; UPDATE meta SET value = '0' WHERE key = 'wall ahead'`);
    restartMachine();
  };
  const boot = (uptimeMs: number) => bootClock(batch.store, { id: 'a-later-one', uptimeMs, atMs: performance.now() });

  it('keeps no create in its window longer than a window, nor in its slot longer than its timeout', async () => {
    await leaveUnseen(HOUR_MS);
    const nowMs = boot(20_000).nowMs();
    const facts = laneNow(nowMs);
    expect(facts.open).toBe(1);
    expect(facts.window()).toMatchObject({ taken: 1 });
    expect(facts.window().nextAtMs).toBeLessThanOrEqual(nowMs + MINUTE_MS + 1_000);
    expect(facts.slotFreeAtMs).toBeLessThanOrEqual(nowMs + MINUTE_MS + 1_000);
  });

  it('takes no time for passed that only such a clock tells: a lane waits until its window has, since the start', async () => {
    await leaveUnseen(-HOUR_MS);
    const nowMs = boot(20_000).nowMs();
    expect(laneNow(nowMs).pausedUntilMs).toBeGreaterThanOrEqual(nowMs + MINUTE_MS - 21_000);
    expect(laneNow(nowMs).pausedUntilMs).toBeLessThanOrEqual(nowMs + MINUTE_MS - 19_000);
  });

  it.each([
    ['the machine is up for longer than its window', 61_000, MINUTE_MS],
    ['its window is so long that the wait would cost more than it saves', 20_000, 24 * HOUR_MS],
  ])('has no lane wait where %s', async (_, uptimeMs, perMs) => {
    await leaveUnseen(-HOUR_MS);
    batch.store.db.update(lanes).set({ perMs }).run();
    boot(uptimeMs);
    expect(batch.store.db.select().from(lanes).get()).toMatchObject({ pausedUntil: 0 });
  });
});
