import { WINDOW_MARGIN_MS } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootClock, type Clock } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lockState } from '../testing/lock-state.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

/** What two clocks differ by: the least of several looks, since this process may be put aside between two of them. */
function differenceMs(one: Clock, other: Clock): number {
  return Math.min(...Array.from({ length: 20 }, () => Math.abs(one.nowMs() - other.nowMs())));
}

it('tells one time in all processes, also in one that had to wait for the state before it could fix it', async () => {
  await lockState(batch.store.path, 400);
  const first = bootClock(batch.store);
  expect(differenceMs(first, bootClock(batch.store))).toBeLessThan(WINDOW_MARGIN_MS);
});

it('goes on from when the machine’s time was read, whatever was done since', () => {
  const read = { id: 'this-one', uptimeMs: 60_000, atMs: performance.now() };
  const later = { ...read, uptimeMs: 61_000, atMs: read.atMs + 1_000 };
  expect(differenceMs(bootClock(batch.store, read), bootClock(batch.store, later))).toBeLessThanOrEqual(1);
});
