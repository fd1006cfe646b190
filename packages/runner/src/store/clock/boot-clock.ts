import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { type Clock, systemClock } from '../../clock.js';
import { bootId } from '../../content/boot-id.js';
import { meta } from '../schema/schema.js';
import type { Store } from '../store.js';
import { settleEarlierBoots, timeToMove } from './earlier-boots.js';
import { noteWallAhead, WallWatch } from './wall-ahead.js';

/**
 * One monotonic time for all processes of one boot, written as epoch milliseconds: the boot's own time plus an offset
 * that the first process fixed. A wall clock that is set back, or forward, then cannot open a window too early. Across
 * boots, and where the system tells no boot id, it is the wall clock: the first process of a boot brings the rows of
 * earlier ones to it.
 */
export function bootClock(store: Store, boot: Boot | null = readBoot()): Clock {
  if (boot === null) return systemClock();
  const offset = bootOffset(store, boot);
  const uptime = uptimeFrom(boot);
  const clock = { ...systemClock(), nowMs: () => Math.round(offset + uptime()) };
  if (!store.readonly) new WallWatch(store, clock).lookUnlessBusy();
  return clock;
}

/** Node's own monotonic time stands still while the machine is suspended; the wall clock shows that something did. */
function uptimeFrom({ uptimeMs: readMs, atMs: readAt }: Boot): () => number {
  let known = { uptimeMs: readMs, atMs: readAt, aheadMs: Date.now() - performance.now() };
  return () => {
    const atMs = performance.now();
    const aheadMs = Date.now() - atMs;
    const counted = known.uptimeMs + atMs - known.atMs;
    if (Math.abs(aheadMs - known.aheadMs) < STEP_MS) return counted;
    const read = readUptime();
    const isLater = read !== null && read.uptimeMs - read.atMs > counted - atMs;
    known = isLater ? { ...read, aheadMs } : { uptimeMs: counted, atMs, aheadMs };
    return known.uptimeMs + atMs - known.atMs;
  };
}

/** What the wall clock and the monotonic one may differ by before the system is asked again. */
const STEP_MS = 250;

/** The machine as it was up at one instant. */
export interface Boot extends Uptime {
  readonly id: string;
}

interface Uptime {
  /** Time since the boot, suspended time included. */
  readonly uptimeMs: number;
  /** When it was that, by `performance.now()`: what is done since must not make this process's time late. */
  readonly atMs: number;
}

function readBoot(): Boot | null {
  const id = bootId();
  const uptime = id === null ? null : readUptime();
  return id === null || uptime === null ? null : { id, ...uptime };
}

/** A reading that took longer than this may be of another instant: the process was put aside. */
const AT_ONE_INSTANT_MS = 2;
const READINGS = 5;

/**
 * Told in hundredths of a second. With that, and what a reading may take, the times of two processes differ by less than
 * what a window is given beyond its length.
 */
function readUptime(): Uptime | null {
  try {
    let best: Uptime | null = null;
    let shortestMs = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < READINGS && shortestMs > AT_ONE_INSTANT_MS; reading += 1) {
      const atMs = performance.now();
      const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
      const tookMs = performance.now() - atMs;
      if (!Number.isFinite(uptimeMs)) return null;
      if (tookMs < shortestMs) best = { uptimeMs, atMs };
      shortestMs = Math.min(shortestMs, tookMs);
    }
    return best;
  } catch {
    // Not Linux: the wall clock has to do.
    return null;
  }
}

function bootOffset(store: Store, boot: Boot): number {
  const key = `boot ${boot.id}`;
  const known = store.db.select().from(meta).where(eq(meta.key, key)).get();
  if (known !== undefined) return Number(known.value);
  const nowMs = Date.now();
  const bootedAtMs = Math.round(nowMs - boot.uptimeMs);
  // No run since the boot: a reader sees everything at the times that it was written by.
  if (store.readonly) return bootedAtMs - timeToMove(store, { nowMs });
  return store.transact(() => {
    const { changes } = store.db
      .insert(meta)
      .values({ key, value: String(bootedAtMs) })
      .onConflictDoNothing()
      .run();
    if (changes > 0) {
      settleEarlierBoots(store, { nowMs, bootedAtMs });
      noteWallAhead(store, 0);
    }
    return Number(store.db.select().from(meta).where(eq(meta.key, key)).get()?.value ?? bootedAtMs);
  });
}
