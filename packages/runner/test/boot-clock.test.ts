import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { WINDOW_MARGIN_MS } from '@localize/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bootClock, type Clock } from '../src/index.js';
import { type BatchFixture, batchFixture } from '../testing/batch-fixture.js';

let batch: BatchFixture;
beforeEach(async () => {
  batch = await batchFixture(['de']);
});
afterEach(() => batch.close());

const SQLITE = createRequire(import.meta.url).resolve('better-sqlite3');
const HELD_MS = 400;

/** Another process has the state locked from now on, for a while. */
async function lockState(): Promise<void> {
  const script = `const store = new (require(${JSON.stringify(SQLITE)}))(${JSON.stringify(batch.store.path)});
    store.exec('BEGIN IMMEDIATE');
    process.stdout.write('locked');
    setTimeout(() => store.exec('COMMIT'), ${HELD_MS});`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
}

/** What two clocks differ by: the least of several looks, since this process may be put aside between two of them. */
function differenceMs(one: Clock, other: Clock): number {
  return Math.min(...Array.from({ length: 20 }, () => Math.abs(one.nowMs() - other.nowMs())));
}

it('tells one time in all processes, also in one that had to wait for the state before it could fix it', async () => {
  await lockState();
  const first = bootClock(batch.store);
  expect(differenceMs(first, bootClock(batch.store))).toBeLessThan(WINDOW_MARGIN_MS);
});

it('goes on from when the machine’s time was read, whatever was done since', () => {
  const read = { id: 'this-one', uptimeMs: 60_000, atMs: performance.now() };
  const later = { ...read, uptimeMs: 61_000, atMs: read.atMs + 1_000 };
  expect(differenceMs(bootClock(batch.store, read), bootClock(batch.store, later))).toBeLessThanOrEqual(1);
});
