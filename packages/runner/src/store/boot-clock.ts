import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { type Clock, systemClock } from '../clock.js';
import { bootId } from '../content/boot-id.js';
import { meta } from './schema.js';
import type { Store } from './store.js';

/**
 * One monotonic time for all processes of one boot, written as epoch milliseconds: the boot's own time plus an offset
 * that the first process fixed. A wall clock that is set back, or forward, then cannot open a window too early. Across
 * boots, and where the system tells no boot id, it is the wall clock.
 */
export function bootClock(store: Store): Clock {
  const boot = readBoot();
  if (boot === null) return systemClock();
  const started = performance.now();
  const offset = bootOffset(store, boot);
  const system = systemClock();
  return { nowMs: () => Math.round(offset + boot.uptimeMs + performance.now() - started), after: system.after };
}

interface Boot {
  readonly id: string;
  /** Time since the boot, suspended time included. */
  readonly uptimeMs: number;
}

function readBoot(): Boot | null {
  try {
    const id = bootId();
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    return id !== null && Number.isFinite(uptimeMs) ? { id, uptimeMs } : null;
  } catch {
    // Not Linux: the wall clock has to do.
    return null;
  }
}

function bootOffset(store: Store, boot: Boot): number {
  const key = `boot ${boot.id}`;
  const known = store.db.select().from(meta).where(eq(meta.key, key)).get();
  if (known !== undefined) return Number(known.value);
  const offset = String(Math.round(Date.now() - boot.uptimeMs));
  // No run since the boot: a reader has nothing to agree with.
  if (store.sqlite.readonly) return Number(offset);
  store.db.insert(meta).values({ key, value: offset }).onConflictDoNothing().run();
  return Number(store.db.select().from(meta).where(eq(meta.key, key)).get()?.value ?? offset);
}
