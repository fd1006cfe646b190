import { join } from 'node:path';
import { EXIT, type Plan } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeBatchLock } from '../src/store/open/batch-lock.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';
import { lanePlan, leaveOpen } from '../testing/lane-plan.js';
import { SkippingClock } from '../testing/skipping-clock.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture();
});
afterEach(() => batch.close());

function planOf(name: string, count: number): Plan {
  const limits = { creates: 100, perMs: 60_000, concurrent: 3 };
  return lanePlan(batch, { name, count, limits, timeoutMs: 3 * 3_600_000 });
}

it('of the batch that fills an account keeps no slot whose prediction has ended, though its process lives', async () => {
  const clock = new SkippingClock();
  await leaveOpen(batch, planOf('other', 3), { clock });
  const holder = { pid: 1, host: 'test', since: '2026-01-01T00:00:00Z' };
  const lock = takeBatchLock(batch.store.path, 'other', holder);
  const startedAt = clock.nowMs();
  try {
    const { exit } = await batch.run({ clock, manifestPath: join(batch.dir, 'two.yaml') }, planOf('spring', 5));
    expect(exit).toBe(EXIT.ok);
  } finally {
    lock.release();
  }
  expect(clock.nowMs() - startedAt).toBeLessThan(5 * 60_000);
  // Whose batch it is fetches what was seen to be there, and pays for nothing twice.
  expect((await batch.run({ clock }, planOf('other', 3))).exit).toBe(EXIT.ok);
  expect(batch.scripted.starts).toHaveLength(8);
}, 60_000);
